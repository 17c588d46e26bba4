import { expect, test } from 'vitest'
import { isLocal } from '../../../main/engine/watching/networkDrive.ts'

const listed = `/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect, root data)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//anna@nas.local/photos on /Volumes/photos (smbfs, nodev, nosuid, mounted by anna)
/dev/disk5s1 on /Volumes/photos (old) (exfat, local, nodev, nosuid, noowners)
nas:/export on /Volumes/disk/inside (nfs, nodev, nosuid)
/dev/disk6s1 on /Volumes/disk (apfs, local, nodev, nosuid, journaled)
`

test.each([
  ['/Users/anna/Pictures', true],
  ['/Volumes/photos', false],
  ['/Volumes/photos/2024', false],
  ['/Volumes/photos (old)/2024', true],
  ['/Volumes/photos2', true],
  ['/Volumes/disk/photos', true],
  ['/Volumes/disk/inside/photos', false],
  ['/System/Volumes/Data/home/anna', false],
])('macOS tells whether %s is on a drive of its own: %s', (path, local) => {
  expect(isLocal(listed, path)).toBe(local)
})

test('where nothing is listed, nothing is held against a drive', () => {
  expect(isLocal('', '/Volumes/photos')).toBe(true)
})
