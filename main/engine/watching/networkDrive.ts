import { execFile } from 'node:child_process'
import { realpath, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import { openable } from '../../rpc/pathText.ts'

/**
 * What `statfs` tells of file systems that others may change without this system knowing
 * (https://github.com/torvalds/linux/blob/master/include/uapi/linux/magic.h and, for VirtualBox,
 * fs/vboxsf/super.c).
 */
const NETWORK_TYPES = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xfe534d42, // SMB 2
  0xff534d42, // CIFS
  0x00c36400, // Ceph
  0x5346414f, // AFS
  0x73757245, // Coda
  0x01021997, // 9P: Windows drives in WSL, folders of a virtual machine's host
  0x65735546, // FUSE: SSH, cloud drives, and drives of other systems
  0x786f4256, // folders of VirtualBox's host
])

/** Whether the system need not hear of changes there, as far as it can be told. */
export async function isNetworkDrive(path: string): Promise<boolean> {
  if (process.platform === 'win32') return path.startsWith('\\\\')
  if (process.platform === 'darwin') return !isLocal(await mounts(), await realpath(path))
  if (process.platform !== 'linux') return false
  return NETWORK_TYPES.has((await statfs(openable(path))).type)
}

/** What macOS's mount lists. Where it cannot be asked, nothing is known of any drive. */
const mounts = (): Promise<string> =>
  promisify(execFile)('/sbin/mount').then(
    ({ stdout }) => stdout,
    () => '',
  )

/**
 * Whether a path lies on a drive of this machine. `listed`: by mount(8) of macOS, a line for each
 * drive, such as `/dev/disk3s1 on /Volumes/Photos (apfs, local, nodev)`.
 */
export function isLocal(listed: string, path: string): boolean {
  let nearest = { point: '', local: true }
  for (const line of listed.split('\n')) {
    const [, point, options] = line.match(/ on (\/.*) \(([^()]*)\)$/) ?? []
    if (point === undefined || options === undefined) continue
    const holds = path === point || path.startsWith(point === '/' ? '/' : `${point}/`)
    if (!holds || point.length < nearest.point.length) continue
    nearest = { point, local: options.split(', ').includes('local') }
  }
  return nearest.local
}
