import { type NativeDialog, useNativeDialog } from './useNativeDialog.ts'

/** `extensions`: without dots. Where there is no native dialog, a person types the path. */
export const useChooseFile = (): NativeDialog<[title: string, extensions: string[]]> =>
  useNativeDialog((connection, title, extensions) =>
    connection.call('chooseFile', { title, extensions }),
  )
