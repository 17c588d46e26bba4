/** A photo of which all that can be said was said. */
import type { PhotoDetail } from '../../contract/domain.ts'
import type { EngineFixture, OpenEngine } from './engineFixture.ts'

/** Indexes a photo, tags it, rejects its best guess, rates it and puts it into an album. */
export async function knownPhoto(
  fixture: EngineFixture,
  library: OpenEngine,
  name: string,
  seed = 1,
): Promise<PhotoDetail> {
  await fixture.picture(name, seed)
  await library.index()
  const { id, tags } = await library.detail(name)
  const target = { ids: [id] }
  const album = await library.ask('addAlbum', { name: `Album of ${name}` })
  await library.ask('tagPhotos', { target, tag: { name: 'my cat' }, verdict: 'yes' })
  await library.ask('tagPhotos', { target, tag: { id: tags[0]?.id ?? 0 }, verdict: 'no' })
  await library.ask('ratePhotos', { target, stars: 4 })
  await library.ask('addToAlbum', { id: album.id, target })
  library.looks.length = 0
  return library.detail(name)
}

/** What persons said, by name. */
export const said = ({ tags, stars, albums }: PhotoDetail) => ({
  tags: tags
    .filter(({ verdict }) => verdict !== null)
    .map(({ name, verdict }) => `${verdict} ${name}`)
    .sort(),
  stars,
  albums,
})
