import { Check, RotateCcw, ScanEye, X } from 'lucide-react'
import { Fragment } from 'react'
import type { PhotoTag } from '../../contract/domain.ts'
import { formatScore } from '../app/format.ts'
import { termOf } from '../app/queryText.ts'
import { isOwn, verdictAgainst } from './decidedTags.ts'
import type { TagActions } from './PhotoTags.tsx'

interface TagRowProps extends TagActions {
  tag: PhotoTag
}

export function TagRow({ tag, ...actions }: TagRowProps) {
  const { id, name, score, verdict, categories } = tag
  return (
    <li
      className="tag-row"
      data-tag={id}
      data-current={id === actions.current}
      data-verdict={verdict}
    >
      <button
        type="button"
        className="tag"
        title={`Search ${name}`}
        onClick={() => actions.onSearch(termOf(name))}
      >
        <span className="tag-name">{name}</span>
        {score !== null && <span className="tag-score">{formatScore(score)}</span>}
        {score !== null && (
          <span className="tag-bar" aria-hidden>
            <span style={{ transform: `scaleX(${score})` }} />
          </span>
        )}
      </button>
      <div className="tag-actions">
        <Decide {...actions} tag={tag} />
        {score !== null && verdict !== 'no' && (
          <button
            type="button"
            className="icon-button small"
            aria-label={`Where the model sees ${name}`}
            aria-pressed={actions.explains(tag)}
            title="Where does the model see it? (w)"
            onClick={() => actions.onExplain(tag)}
          >
            <ScanEye size={14} aria-hidden />
          </button>
        )}
      </div>
      {categories.length > 0 && verdict !== 'no' && (
        <div className="tag-categories">
          {categories.map((category, index) => (
            <Fragment key={category}>
              {index > 0 && <span aria-hidden> › </span>}
              <button
                type="button"
                className="category"
                aria-label={`Search ${category}`}
                onClick={() => actions.onSearch(termOf(category))}
              >
                {category}
              </button>
            </Fragment>
          ))}
        </div>
      )}
    </li>
  )
}

function Decide({ tag, onDecide }: TagRowProps) {
  const { name, verdict } = tag
  if (verdict === 'no') {
    return (
      <button
        type="button"
        className="icon-button small"
        aria-label={`Take back that ${name} is wrong`}
        title="Take back"
        onClick={() => onDecide(tag, 'none')}
      >
        <RotateCcw size={14} aria-hidden />
      </button>
    )
  }
  const own = isOwn(tag)
  return (
    <>
      {!own && (
        <button
          type="button"
          className="icon-button small accept"
          aria-label={`Accept ${name}`}
          aria-pressed={verdict === 'yes'}
          title={verdict === 'yes' ? 'Take back that it is right' : 'It is right (y)'}
          onClick={() => onDecide(tag, verdict === 'yes' ? 'none' : 'yes')}
        >
          <Check size={15} aria-hidden />
        </button>
      )}
      <button
        type="button"
        className="icon-button small"
        aria-label={own ? `Remove ${name}` : `Reject ${name}`}
        title={own ? 'Remove (n)' : 'It is wrong (n)'}
        onClick={() => onDecide(tag, verdictAgainst(tag))}
      >
        <X size={15} aria-hidden />
      </button>
    </>
  )
}
