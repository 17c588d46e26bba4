import { CircleAlert } from 'lucide-react'
import type { Acceleration, ProviderCandidate } from '../../contract/domain.ts'
import { formatPhotos, formatTime } from '../app/format.ts'
import { useAnswer, useChange } from '../connection/hooks.tsx'

const providerNames: Record<string, string> = {
  cpu: 'Processor (CPU)',
  'cpu int8': 'Processor, int8 variant',
  cuda: 'NVIDIA CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
  webgpu: 'WebGPU',
}

const nameOf = (provider: string): string => providerNames[provider] ?? provider

/** What runs the model, and why it does: every candidate was measured. */
export function AccelerationSection() {
  const acceleration = useAnswer('acceleration', {}).data
  const settings = useAnswer('settings', {}).data
  const measure = useChange('measureAcceleration')
  const change = useChange('changeSettings')
  if (!acceleration) return null
  const measuring = acceleration.state === 'measuring' || measure.isPending

  return (
    <>
      <p className="settings-lead">
        Everything that can run the model here is tried on the model itself. The fastest that
        answers as the processor does is used.
      </p>
      {acceleration.retreat !== null && (
        <p className="settings-problem" role="alert">
          <CircleAlert size={15} aria-hidden />
          {acceleration.retreat}
        </p>
      )}
      <section className="settings-group">
        <h4>Now</h4>
        <dl className="facts">
          {factsOf(acceleration).map(([name, value]) => (
            <div key={name} className="fact">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="settings-group">
        <h4>What was tried</h4>
        {acceleration.candidates.length > 0 ? (
          <Candidates candidates={acceleration.candidates} />
        ) : (
          <p className="settings-note">
            Nothing yet: it is measured when the first photos are looked at.
          </p>
        )}
        <p className="settings-actions">
          <button
            type="button"
            className="button compact"
            disabled={measuring || acceleration.provider === null}
            onClick={() => measure.mutate({ input: {} })}
          >
            {measuring ? 'Measuring…' : 'Measure again'}
          </button>
          <span className="settings-note" role="status">
            {measuring
              ? 'Looking at photos waits for a moment.'
              : acceleration.measuredAt !== null &&
                `Measured ${formatTime(acceleration.measuredAt)}.`}
          </span>
        </p>
      </section>
      <section className="settings-group">
        <h4>Beside other work</h4>
        <Check
          label="Look at photos in the background"
          note="With one core, after everything else, and not at all on battery: the machine stays free."
          checked={settings?.background}
          busy={change.isPending}
          onChange={(background) => change.mutate({ input: { background } })}
        />
      </section>
      <section className="settings-group">
        <h4>Smaller numbers</h4>
        <Check
          label="Use the int8 variant of a model where it is faster"
          note="It rounds, which costs a little accuracy. It must be installed beside the model, such as ResNet-50 v1, int8."
          checked={settings?.allowInt8}
          busy={change.isPending}
          onChange={(allowInt8) => change.mutate({ input: { allowInt8 } })}
        />
      </section>
    </>
  )
}

interface CheckProps {
  label: string
  note: string
  /** `undefined` while that is not known. */
  checked: boolean | undefined
  busy: boolean
  onChange: (checked: boolean) => void
}

function Check({ label, note, checked, busy, onChange }: CheckProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={checked ?? false}
        disabled={checked === undefined || busy}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {label}
        <span className="settings-note">{note}</span>
      </span>
    </label>
  )
}

function factsOf(acceleration: Acceleration): [name: string, value: string][] {
  const { provider, batchSize, processor, graphics, runtime } = acceleration
  const cards = graphics.map(({ name, driver }) =>
    driver === null ? name : `${name}, driver ${driver}`,
  )
  return [
    ['Runs on', provider === null ? 'nothing: there is no model' : nameOf(provider)],
    ['At a time', batchSize === null ? '–' : formatPhotos(batchSize)],
    ['Processor', processor],
    ['Graphics', cards.join('; ') || 'none that the system names'],
    ['ONNX Runtime', runtime ?? 'not installed'],
  ]
}

function Candidates({ candidates }: { candidates: readonly ProviderCandidate[] }) {
  return (
    <table className="model-table candidates">
      <thead>
        <tr>
          <th scope="col">Provider</th>
          <th scope="col" className="number">
            Photos/s
          </th>
          <th scope="col" className="number">
            At a time
          </th>
          <th scope="col">Result</th>
        </tr>
      </thead>
      <tbody>
        {candidates.map((candidate) => (
          <tr key={candidate.provider} data-outcome={candidate.outcome}>
            <th scope="row">{nameOf(candidate.provider)}</th>
            <td className="number">
              {candidate.photosPerSecond === null ? '–' : rate(candidate.photosPerSecond)}
            </td>
            <td className="number">{candidate.batchSize ?? '–'}</td>
            <td className="candidate-result">
              {candidate.outcome === 'chosen' && <span className="model-badge">In use</span>}{' '}
              {candidate.reason}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const rate = (perSecond: number): string =>
  perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en')
