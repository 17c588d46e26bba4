import { Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { InputOf } from '../../contract/commands.ts'
import { UserError } from '../../contract/errors.ts'
import type { UnfinishedModel } from '../../contract/models.ts'
import { formatBytes } from '../app/format.ts'
import { useChange, useConnection } from '../connection/hooks.tsx'
import { useChooseFile } from '../dialogs/useChooseFile.ts'
import { TransferLine } from './TransferLine.tsx'
import type { Transfer, Transfers } from './transfers.ts'

interface AddModelProps {
  unfinished: readonly UnfinishedModel[]
  transfers: Transfers
  running: ReadonlyMap<string, Transfer>
}

type Source = Pick<InputOf<'addModel'>, 'from' | 'manifest'>

const isNoResNet = (error: Error): boolean =>
  error instanceof UserError && error.code === 'no-resnet'

/** One at a time; no id of a model has a space in it. */
const key = 'a model of one’s own'

export function AddModel({ unfinished, transfers, running }: AddModelProps) {
  const connection = useConnection()
  const remove = useChange('removeModel')
  const [from, setFrom] = useState('')
  const [manifest, setManifest] = useState('')
  /** What was tried last: the fields may say something else by now. */
  const [tried, setTried] = useState<Source | null>(null)
  const transfer = running.get(key)
  const isRunning = transfer?.state === 'running'
  const given = manifest.trim() || null

  /** `allowed`: also what is no ResNet, and then it is used at once, as the button says. */
  function add(source: Source, allowed: boolean): void {
    setTried(source)
    transfers.start(key, async (options) => {
      const model = await connection.call(
        'addModel',
        { ...source, id: null, anyArchitecture: allowed },
        options,
      )
      if (allowed) {
        await connection.call('useModel', { model: model.file, anyArchitecture: true }, options)
      }
      setFrom('')
      setManifest('')
      return model
    })
  }

  return (
    <section className="settings-group">
      <h4>Your own</h4>
      {unfinished.map(({ id, from: address, received }) => (
        <div key={id} className="transfer">
          <span className="transfer-name">
            {id}: {formatBytes(received)} are here{address && ` from ${address}`}
          </span>
          {address && (
            <button
              type="button"
              className="button compact"
              aria-label={`Resume getting ${id}`}
              disabled={isRunning}
              onClick={() => add({ from: address, manifest: given }, false)}
            >
              Resume
            </button>
          )}
          <button
            type="button"
            className="icon-button"
            aria-label={`Discard what is here of ${id}`}
            title="Discard what is here"
            disabled={isRunning || remove.isPending}
            onClick={() => remove.mutate({ input: { id } })}
          >
            <Trash2 size={16} aria-hidden />
          </button>
        </div>
      ))}
      <form
        className="add-model"
        onSubmit={(event) => {
          event.preventDefault()
          if (from.trim() !== '') add({ from: from.trim(), manifest: given }, false)
        }}
      >
        <PathField
          id="model-from"
          label="ONNX file or address"
          placeholder="/home/me/pets.onnx or https://…"
          dialog={['Choose a model', ['onnx']]}
          disabled={isRunning}
          value={from}
          onChange={setFrom}
        />
        <PathField
          id="model-manifest"
          label="Its manifest, or its labels one a line, if there is no manifest beside it and the classes are not ImageNet’s"
          placeholder="/home/me/pets.json or labels.txt"
          dialog={['Choose a manifest or labels', ['json', 'txt']]}
          disabled={isRunning}
          value={manifest}
          onChange={setManifest}
        >
          {isRunning ? (
            <button type="button" className="button" onClick={() => transfers.cancel(key)}>
              Cancel
            </button>
          ) : (
            <button type="submit" className="button" disabled={from.trim() === ''}>
              Add
            </button>
          )}
        </PathField>
        {isRunning && <TransferLine label="Adding a model" progress={transfer.progress} />}
        {transfer?.state === 'failed' && (
          <div className="refusal" role="alert">
            <p>{transfer.error.message}</p>
            {tried && isNoResNet(transfer.error) && (
              <button type="button" className="button compact" onClick={() => add(tried, true)}>
                Use it all the same
              </button>
            )}
          </div>
        )}
      </form>
    </section>
  )
}

interface PathFieldProps {
  id: string
  label: string
  placeholder: string
  /** Title and extensions of the system's dialog, where there is one. */
  dialog: [title: string, extensions: string[]]
  disabled: boolean
  value: string
  onChange: (value: string) => void
  children?: ReactNode
}

function PathField({ id, label, dialog, onChange, children, ...field }: PathFieldProps) {
  const { native } = useChooseFile()
  async function choose(): Promise<void> {
    const path = await native?.(...dialog)
    if (path) onChange(path)
  }
  return (
    <>
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <div className="picker-path">
        <input
          {...field}
          id={id}
          className="field"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
        />
        {native && (
          <button
            type="button"
            className="button"
            aria-label={dialog[0]}
            disabled={field.disabled}
            onClick={() => void choose()}
          >
            Choose…
          </button>
        )}
        {children}
      </div>
    </>
  )
}
