import { Check, ShieldCheck, Trash2 } from 'lucide-react'
import { Fragment, useState } from 'react'
import type { InstalledModel, ModelNetwork } from '../../contract/models.ts'
import { counted, formatBytes } from '../app/format.ts'
import { useChange } from '../connection/hooks.tsx'
import { ConfirmDialog } from '../dialogs/ConfirmDialog.tsx'
import { useToasts } from '../dialogs/toasts.tsx'
import { formatShare, numberNames } from './modelFormat.ts'

export function InstalledModels({ models }: { models: readonly InstalledModel[] }) {
  const use = useChange('useModel')
  const verify = useChange('verifyModel')
  const remove = useChange('removeModel')
  const toasts = useToasts()
  const [removing, setRemoving] = useState<InstalledModel | null>(null)
  /** The file that is being loaded. */
  const loading = use.isPending ? use.variables.input.model : null

  return (
    <section className="settings-group">
      <h4>On this computer</h4>
      <ul className="models" aria-label="Models on this computer">
        {models.map((model) => (
          <li key={model.id} className="model" data-in-use={model.inUse || undefined}>
            <div className="model-text">
              <div className="model-name">
                {model.name}
                {model.inUse && (
                  <span className="model-badge">
                    <Check size={12} aria-hidden />
                    In use
                  </span>
                )}
              </div>
              <div className="model-facts">
                {factsOf(model).map((fact, index) => (
                  <Fragment key={fact}>
                    {index > 0 && ' · '}
                    <span>{fact}</span>
                  </Fragment>
                ))}
              </div>
              {model.problem !== null && <div className="model-reason">{model.problem}</div>}
              {model.network?.noResNet && (
                <div className="model-facts">{model.network.noResNet}</div>
              )}
              {model.licence !== null && !isShort(model.licence) && (
                <div className="model-licence" title={model.licence}>
                  {model.licence}
                </div>
              )}
            </div>
            {!model.inUse && model.problem === null && (
              <button
                type="button"
                className="button compact"
                aria-label={`Use ${model.name}`}
                disabled={use.isPending}
                onClick={() =>
                  use.mutate({
                    input: { model: model.file, anyArchitecture: model.network?.noResNet !== null },
                  })
                }
              >
                {useLabel(model, loading === model.file)}
              </button>
            )}
            <button
              type="button"
              className="icon-button"
              aria-label={`Verify ${model.name}`}
              title="Verify: is the file what it should be?"
              disabled={verify.isPending}
              onClick={() =>
                verify.mutate(
                  { input: { id: model.id } },
                  {
                    onSuccess: ({ compared }) =>
                      toasts.showNote(
                        compared
                          ? `${model.name} is as it should be: its sha256 fits, and it can be read.`
                          : `${model.name} can be read. Nobody has said what its sha256 should be.`,
                      ),
                  },
                )
              }
            >
              <ShieldCheck size={16} aria-hidden />
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label={`Remove ${model.name}`}
              title={whyKept(model) ?? 'Remove'}
              disabled={whyKept(model) !== null}
              onClick={() => setRemoving(model)}
            >
              <Trash2 size={16} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      {removing && (
        <ConfirmDialog
          title={`Remove ${removing.name}?`}
          action="Remove"
          busy={remove.isPending}
          onClose={() => setRemoving(null)}
          onConfirm={() =>
            remove.mutate({ input: { id: removing.id } }, { onSettled: () => setRemoving(null) })
          }
        >
          <p>Its file is deleted from the library. What it said about your photos is kept.</p>
          <p className="path">{removing.file}</p>
        </ConfirmDialog>
      )}
    </section>
  )
}

function useLabel({ network }: InstalledModel, loading: boolean): string {
  if (loading) return 'Loading…'
  return network?.noResNet === null ? 'Use' : 'Use it all the same'
}

/** Why it cannot be removed; `null` when it can. */
function whyKept({ inUse, origin }: InstalledModel): string | null {
  if (inUse) return 'In use: use another one first'
  if (origin === 'bundled') return 'Comes with Albumen and stays'
  return origin === 'elsewhere' ? 'Does not lie in the library' : null
}

/** Such as an SPDX identifier, beside which there is room for more. */
const isShort = (licence: string): boolean => licence.length <= 24

function factsOf({ network, bytes, accuracy, licence, origin }: InstalledModel): string[] {
  return [
    ...(network ? networkFacts(network) : []),
    formatBytes(bytes),
    accuracy && `top-1 ${formatShare(accuracy.top1)}`,
    licence !== null && isShort(licence) && licence,
    origin === 'bundled' && 'comes with Albumen',
  ].filter((fact) => typeof fact === 'string')
}

const networkFacts = ({
  noResNet,
  depth,
  variant,
  classes,
  inputSize,
  quantised,
}: ModelNetwork) => [
  noResNet === null && `ResNet-${depth} ${variant}`,
  quantised !== null && numberNames[quantised],
  classes !== null && counted(classes, 'class', 'classes'),
  inputSize !== null && `${inputSize} px`,
]
