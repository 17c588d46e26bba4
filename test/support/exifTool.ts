/** Edits metadata as other programs do: with the real ExifTool, in place. */
import { ExifTool, type WriteTags } from 'exiftool-vendored'

let tool: ExifTool | null = null

/** Changes a file's tags; its modification time becomes now. */
export async function editMetadata(path: string, tags: WriteTags): Promise<void> {
  tool ??= new ExifTool({ maxProcs: 1 })
  await tool.write(path, tags, { writeArgs: ['-overwrite_original'] })
}

export async function endExifTool(): Promise<void> {
  await tool?.end()
  tool = null
}
