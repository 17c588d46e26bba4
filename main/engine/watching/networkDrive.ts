import { statfs } from 'node:fs/promises'
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
  if (process.platform !== 'linux') return false
  return NETWORK_TYPES.has((await statfs(openable(path))).type)
}
