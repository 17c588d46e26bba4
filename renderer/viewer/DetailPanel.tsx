import { FolderOpen, ScanEye } from 'lucide-react'
import { Fragment } from 'react'
import type { PhotoDetail, PhotoTag } from '../../contract/domain.ts'
import {
  formatAperture,
  formatBytes,
  formatExposure,
  formatFocalLength,
  formatPlace,
  formatScore,
  formatTime,
  lastName,
} from '../app/format.ts'
import { termOf } from '../app/queryText.ts'
import { useAnswer, useChange } from '../connection/hooks.tsx'

interface TagActions {
  onSearch: (text: string) => void
  /** Whether the photo shows where the model sees a tag. */
  explains: (tag: PhotoTag) => boolean
  onExplain: (tag: PhotoTag) => void
}

interface DetailPanelProps extends TagActions {
  detail: PhotoDetail
}

export function DetailPanel({ detail, ...actions }: DetailPanelProps) {
  const confident = detail.tags.filter((tag) => tag.confident)
  const guesses = detail.tags.filter((tag) => !tag.confident)
  return (
    <aside className="details" aria-label="Information">
      {detail.reason !== null && (
        <p className="details-reason" role="note">
          {detail.reason}
        </p>
      )}
      <section>
        <h3>Tags</h3>
        {confident.length === 0 && <p className="details-empty">{emptyTags(detail, guesses)}</p>}
        <TagList name="Tags" tags={confident} {...actions} />
        {guesses.length > 0 && (
          <details>
            <summary>Other guesses</summary>
            <TagList name="Other guesses" tags={guesses} {...actions} />
          </details>
        )}
      </section>
      <Facts detail={detail} />
      <Files detail={detail} />
    </aside>
  )
}

function emptyTags(detail: PhotoDetail, guesses: readonly PhotoTag[]): string {
  if (detail.state === 'waiting') return 'Albumen has not looked at this photo yet.'
  return guesses.length > 0 ? 'Nothing recognised for sure.' : 'Nothing recognised.'
}

function TagList(props: TagActions & { name: string; tags: readonly PhotoTag[] }) {
  if (props.tags.length === 0) return null
  return (
    <ul className="tags" aria-label={props.name}>
      {props.tags.map((tag) => (
        <li key={`${tag.source} ${tag.wnid ?? tag.name}`} className="tag-row">
          <button
            type="button"
            className="tag"
            title={`Search ${tag.name}`}
            onClick={() => props.onSearch(termOf(tag.name))}
          >
            <span className="tag-name">{tag.name}</span>
            {tag.score !== null && <span className="tag-score">{formatScore(tag.score)}</span>}
            {tag.score !== null && (
              <span className="tag-bar" aria-hidden>
                <span style={{ transform: `scaleX(${tag.score})` }} />
              </span>
            )}
          </button>
          {tag.source === 'predicted' && (
            <button
              type="button"
              className="icon-button tag-why"
              aria-label={`Where the model sees ${tag.name}`}
              aria-pressed={props.explains(tag)}
              title="Where does the model see it? (w)"
              onClick={() => props.onExplain(tag)}
            >
              <ScanEye size={15} aria-hidden />
            </button>
          )}
          {tag.categories.length > 0 && (
            <div className="tag-categories">
              {tag.categories.map((category, index) => (
                <Fragment key={category}>
                  {index > 0 && <span aria-hidden> › </span>}
                  <button
                    type="button"
                    className="category"
                    aria-label={`Search ${category}`}
                    onClick={() => props.onSearch(termOf(category))}
                  >
                    {category}
                  </button>
                </Fragment>
              ))}
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}

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

function Facts({ detail }: { detail: PhotoDetail }) {
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

function Files({ detail }: { detail: PhotoDetail }) {
  const desktop = useAnswer('host', {}).data?.face === 'desktop'
  const reveal = useChange('revealPhoto')
  return (
    <section>
      <h3>{detail.files.length === 1 ? 'File' : `${detail.files.length} files`}</h3>
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
