import { Trash2 } from 'lucide-react'
import { Fragment } from 'react'
import type { OfferedModel } from '../../contract/models.ts'
import { formatBytes } from '../app/format.ts'
import { useChange, useConnection } from '../connection/hooks.tsx'
import { formatShare } from './modelFormat.ts'
import { TransferLine } from './TransferLine.tsx'
import type { Transfer, Transfers } from './transfers.ts'

interface OfferedModelsProps {
  models: readonly OfferedModel[]
  transfers: Transfers
  running: ReadonlyMap<string, Transfer>
}

/** The catalog: what else can be looked with, once it is here. */
export function OfferedModels({ models, transfers, running }: OfferedModelsProps) {
  const connection = useConnection()
  if (models.length === 0) return null
  const get = (id: string) =>
    transfers.start(id, (options) => connection.call('getModel', { id }, options))
  return (
    <section className="settings-group">
      <h4>To get</h4>
      <table className="model-table" aria-label="Models to get">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="number">
              Depth
            </th>
            <th scope="col" className="number">
              Size
            </th>
            <th scope="col" className="number">
              <abbr title="How often the first guess is right">Top-1</abbr>
            </th>
            <th scope="col" className="number">
              <abbr title="How often the right class is among the first five">Top-5</abbr>
            </th>
            <th scope="col" className="number">
              <abbr title="Thousand millions of multiply-adds for one photo">GFLOPs</abbr>
            </th>
            <th scope="col" aria-label="Get" />
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <Row
              key={model.id}
              model={model}
              transfer={running.get(model.id)}
              onGet={() => get(model.id)}
              onCancel={() => transfers.cancel(model.id)}
            />
          ))}
        </tbody>
      </table>
      <p className="settings-note">
        ImageNet’s 1,000 classes; accuracy as published by the ONNX model zoo; licence{' '}
        {[...new Set(models.map(({ licence }) => licence))].join(', ')}. Albumen uses the network
        for nothing but getting what you ask for here.
      </p>
    </section>
  )
}

interface RowProps {
  model: OfferedModel
  transfer: Transfer | undefined
  onGet: () => void
  onCancel: () => void
}

function Row({ model, transfer, onGet, onCancel }: RowProps) {
  const { name, note, depth, bytes, accuracy, gflops, unusable, received } = model
  const isRunning = transfer?.state === 'running'
  const paused = received > 0 && !isRunning
  const share = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : formatShare(value)
  return (
    <Fragment>
      <tr>
        <th scope="row">
          <div>
            {name}
            {(unusable ?? note) && <span className="model-note">{unusable ?? note}</span>}
          </div>
        </th>
        <td className="number">{depth}</td>
        <td className="number">{formatBytes(bytes)}</td>
        <td className="number">{share(accuracy?.top1)}</td>
        <td className="number">{share(accuracy?.top5)}</td>
        <td className="number">{gflops?.toFixed(1) ?? '–'}</td>
        <td className="model-action">
          {unusable === null && (
            <button
              type="button"
              className="button quiet"
              aria-label={`${isRunning ? 'Cancel getting' : paused ? 'Resume getting' : 'Get'} ${name}`}
              onClick={isRunning ? onCancel : onGet}
            >
              {isRunning ? 'Cancel' : paused ? 'Resume' : 'Get'}
            </button>
          )}
        </td>
      </tr>
      {(transfer || paused) && (
        <tr className="model-more">
          <td colSpan={7}>
            {isRunning && <TransferLine label={`Getting ${name}`} progress={transfer.progress} />}
            {transfer?.state === 'failed' && (
              <p className="model-reason" role="alert">
                {transfer.error.message}
              </p>
            )}
            {paused && <Paused model={model} />}
          </td>
        </tr>
      )}
    </Fragment>
  )
}

function Paused({ model: { id, name, received, bytes } }: { model: OfferedModel }) {
  const remove = useChange('removeModel')
  return (
    <div className="transfer stopped">
      <progress aria-label={`${name}, stopped`} value={received} max={bytes} />
      <span>
        {formatBytes(received)} of {formatBytes(bytes)} are here
      </span>
      <button
        type="button"
        className="icon-button small"
        aria-label={`Discard what is here of ${name}`}
        title="Discard what is here"
        disabled={remove.isPending}
        onClick={() => remove.mutate({ input: { id } })}
      >
        <Trash2 size={14} aria-hidden />
      </button>
    </div>
  )
}
