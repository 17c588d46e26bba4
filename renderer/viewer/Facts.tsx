import { FolderOpen } from 'lucide-react'
import { Fragment } from 'react'
import type { PhotoDetail } from '../../contract/domain.ts'
import {
  counted,
  formatAperture,
  formatBytes,
  formatExposure,
  formatFocalLength,
  formatPlace,
  formatTime,
  lastName,
  wordFor,
} from '../app/format.ts'
import { useAnswer, useChange } from '../connection/hooks.tsx'

/** What is known, named for people; what the file does not say is left out. */
function factsOf(detail: PhotoDetail): [name: string, value: string][] {
  const exposure = [
    detail.exposureTime !== null && formatExposure(detail.exposureTime),
    detail.fNumber !== null && formatAperture(detail.fNumber),
    detail.iso !== null && `ISO ${detail.iso}`,
  ].filter((part) => part !== false)
  const { width, height, place } = detail
  const megapixels = width && height ? (width * height) / 1e6 : 0
  const facts: [string, string | null][] = [
    ['Taken', detail.takenAt && formatTime(detail.takenAt)],
    ['Camera', detail.camera],
    ['Lens', detail.lens],
    ['Exposure', exposure.join(' · ')],
    ['Focal length', detail.focalLength === null ? null : formatFocalLength(detail.focalLength)],
    [
      'Dimensions',
      width && height
        ? `${width} × ${height}${megapixels >= 0.95 ? ` · ${megapixels.toFixed(1)} MP` : ''}`
        : null,
    ],
    ['Format', detail.format?.toUpperCase() ?? null],
    ['Place', place && formatPlace(place)],
    ['Altitude', place?.altitude == null ? null : `${Math.round(place.altitude)} m`],
  ]
  return facts.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []))
}

export function Facts({ detail }: { detail: PhotoDetail }) {
  const facts = factsOf(detail)
  if (facts.length === 0) return null
  return (
    <section>
      <h3>Details</h3>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}

export function Files({ detail }: { detail: PhotoDetail }) {
  const desktop = useAnswer('host', {}).data?.face === 'desktop'
  const reveal = useChange('revealPhoto')
  return (
    <section>
      <h3>{wordFor(detail.files.length, 'File', counted(detail.files.length, 'file'))}</h3>
      <ul className="files" aria-label="Files">
        {detail.files.map((file) => (
          <li key={file.path} className={file.state}>
            <div className="file-name">
              {lastName(file.path)}
              {file.state === 'missing' && <span className="badge">Missing</span>}
            </div>
            <div className="file-facts">
              {formatBytes(file.size)} · changed {formatTime(file.modifiedAt)}
            </div>
            <div className="path">{file.path}</div>
          </li>
        ))}
      </ul>
      {desktop && (
        <button
          type="button"
          className="button"
          onClick={() => reveal.mutate({ input: { id: detail.id } })}
        >
          <FolderOpen size={15} aria-hidden />
          Show in file manager
        </button>
      )}
    </section>
  )
}
