import { Star, StarOff } from 'lucide-react'
import { counted } from '../app/format.ts'

const values = [1, 2, 3, 4, 5]

interface StarsProps {
  /** 0 for none; `null` where several photos may have different ones. */
  stars: number | null
  /** 0 takes the rating back. */
  onRate: (stars: number) => void
}

/** Gives stars; a press on the last one that is given takes them all back. */
export function Stars({ stars, onRate }: StarsProps) {
  return (
    <fieldset className="stars" aria-label="Rating">
      {stars === null && (
        <button
          type="button"
          className="star none"
          aria-label="No stars"
          title="Take the stars back (0)"
          onClick={() => onRate(0)}
        >
          <StarOff size={15} aria-hidden />
        </button>
      )}
      {values.map((value) => (
        <button
          key={value}
          type="button"
          className="star"
          aria-label={counted(value, 'star')}
          aria-pressed={stars === value}
          data-given={stars !== null && value <= stars}
          title={`${counted(value, 'star')} (${value}); 0 takes them back`}
          onClick={() => onRate(stars === value ? 0 : value)}
        >
          <Star size={16} aria-hidden />
        </button>
      ))}
    </fieldset>
  )
}
