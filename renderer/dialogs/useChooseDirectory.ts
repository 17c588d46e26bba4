import { type NativeDialog, useNativeDialog } from './useNativeDialog.ts'

/** Where there is no native dialog, the window shows its own picker. */
export const useChooseDirectory = (): NativeDialog<[title: string]> =>
  useNativeDialog((connection, title) => connection.call('chooseDirectory', { title }))
