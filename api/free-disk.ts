import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Free bytes of the disk that holds `folder`, or that will hold it once it is made. */
export async function freeDiskBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!missing || dirname(folder) === folder) throw error
    return freeDiskBytes(dirname(folder))
  }
}
