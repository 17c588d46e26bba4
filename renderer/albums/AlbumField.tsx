import { Images, Plus } from 'lucide-react'
import { type RefObject, useState } from 'react'
import type { AlbumId } from '../../contract/domain.ts'
import { formatCount } from '../app/format.ts'
import { useAnswer } from '../connection/hooks.tsx'
import { type Choice, ChoiceField } from '../dialogs/ChoiceField.tsx'
import { type AlbumChoice, albumChoices } from './albumChoices.ts'

const mostChoices = 8

/** An album that is there, or the name of a new one. */
export type ChosenAlbum = { id: AlbumId } | { name: string }

interface AlbumFieldProps {
  input: RefObject<HTMLInputElement | null>
  placeholder: string
  /** Albums that are not offered: the photo is in them. */
  except: readonly AlbumId[]
  onAlbum: (album: ChosenAlbum) => void
  onLeave: () => void
}

interface OfferedAlbum extends Choice {
  album: ChosenAlbum
}

export function AlbumField({ input, placeholder, except, onAlbum, onLeave }: AlbumFieldProps) {
  const [text, setText] = useState('')
  const albums = useAnswer('listAlbums', {}).data
  return (
    <ChoiceField
      input={input}
      label="Add to album"
      placeholder={placeholder}
      text={text}
      onText={setText}
      choices={albumChoices(text, albums ?? [], except, mostChoices).map(offered)}
      pending={albums === undefined}
      onChoose={({ album }) => {
        setText('')
        onAlbum(album)
      }}
      onLeave={() => {
        setText('')
        onLeave()
      }}
      nothing={text.trim() === '' ? 'Type the name of a new album.' : null}
    />
  )
}

function offered(choice: AlbumChoice): OfferedAlbum {
  if (choice.kind === 'new') {
    const { name } = choice
    return {
      ...{ key: 'new', name: `New album “${name}”`, note: null, aside: null, asTyped: true },
      icon: <Plus size={14} aria-hidden />,
      album: { name },
    }
  }
  const { id, name, photos } = choice.album
  return {
    ...{ key: String(id), name, note: null, aside: formatCount(photos), asTyped: false },
    icon: <Images size={14} aria-hidden />,
    album: { id },
  }
}
