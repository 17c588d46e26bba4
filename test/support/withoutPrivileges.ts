/** Permissions do not bind root, as who tests run in containers: for a while they are somebody else. */
const NOBODY = 65_534

/** Whether files can be kept from this process. */
export const permissionsBind = process.platform !== 'win32'

export async function withoutPrivileges<Result>(act: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return act()
  process.seteuid?.(NOBODY)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
  }
}
