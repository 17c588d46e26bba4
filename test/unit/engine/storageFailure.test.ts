import { describe, expect, test } from 'vitest'
import { UserError } from '../../../contract/errors.ts'
import { libraryFailure } from '../../../main/engine/library/failure.ts'
import { storageFailure } from '../../../main/engine/storageFailure.ts'

const failing = (code: string, syscall?: string) =>
  Object.assign(new Error(`it said ${code}`), { code, ...(syscall && { syscall }) })

describe('a failure of storage', () => {
  test.each([
    [
      'SQLITE_FULL',
      'no-room',
      /There is no room left .*: make room on its disk, then press Resume/,
    ],
    ['SQLITE_IOERR_SHMSIZE', 'no-room', /make room/],
    ['ENOSPC', 'no-room', /make room/],
    ['EDQUOT', 'no-room', /make room/],
    ['SQLITE_READONLY_DBMOVED', 'not-writable', /Nothing may be written to .*: allow writing/],
    ['EROFS', 'not-writable', /allow writing/],
    ['EACCES', 'not-writable', /allow writing/],
    ['SQLITE_IOERR_READ', 'failed', /The disk of .* does not work .*: check it and its cable/],
    ['SQLITE_CORRUPT', 'damaged', /is damaged \(it said SQLITE_CORRUPT\): .*albumen restore/],
    ['SQLITE_NOTADB', 'damaged', /is damaged/],
    ['SQLITE_BUSY', 'in-use', /Another program keeps .* busy: end it/],
    ['SQLITE_CANTOPEN', 'unreachable', /cannot be opened .*: check that its disk is connected/],
    ['EFBIG', 'file-too-large', /takes no larger file .*: move it to a drive/],
  ])('%s is told as %s, with what to do', (code, failure, sentence) => {
    expect(storageFailure(failing(code))).toBe(failure)
    const told = libraryFailure(failing(code), '/photos/library')
    expect(told).toBeInstanceOf(UserError)
    expect(told?.message).toMatch(sentence)
    expect(told?.message).toContain('/photos/library')
  })

  test('of the system that nobody thought of is one all the same', () => {
    expect(storageFailure(failing('EIO', 'read'))).toBe('failed')
  })

  test('is not what storage has nothing to do with, or what is explained already', () => {
    for (const error of [
      new Error('a bug'),
      failing('SQLITE_CONSTRAINT_UNIQUE'),
      failing('SQLITE_ERROR'),
      failing('ERR_INVALID_ARG_TYPE'),
      new UserError('ENOSPC', 'Make room.'),
      'ENOSPC',
    ]) {
      expect(storageFailure(error)).toBeNull()
      expect(libraryFailure(error, '/photos/library')).toBeNull()
    }
  })
})
