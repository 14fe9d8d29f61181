import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { sourceImports } from './source-imports.ts'

/** What the processes of the image load, found by following imports from their entries. */
export interface LoadedSources {
  /** Paths from the root, with slashes. */
  readonly files: ReadonlySet<string>
  /** Names of packages, without Node's own modules, with a file that loads each. */
  readonly packages: ReadonlyMap<string, string>
}

/** @throws Error where an imported file is not there. */
export function loadedSources(root: string, entries: readonly string[]): LoadedSources {
  const files = new Set<string>()
  const packages = new Map<string, string>()
  const waiting = [...entries]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue
    files.add(file)
    if (!existsSync(path.join(root, file))) throw new Error(`${file} is not there.`)
    if (!/\.[jt]s$/.test(file)) continue
    for (const { specifier, typeOnly } of sourceImports(
      file,
      readFileSync(path.join(root, file), 'utf8'),
    )) {
      if (typeOnly || specifier === null || specifier.startsWith('node:')) continue
      if (specifier.startsWith('.'))
        waiting.push(path.posix.join(path.posix.dirname(file), specifier))
      else packages.set(packageOf(specifier), file)
    }
  }
  return { files, packages }
}

/** `@scope/name/deep` → `@scope/name` */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/**
 * Whether a `.dockerignore` that leaves everything out, names what goes in by `!`, and leaves tests out
 * again, lets a file into the image. Of Docker's patterns it knows these only.
 * @throws Error for any other pattern.
 */
export function createImageFilter(dockerignore: string): (file: string) => boolean {
  const lines = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  if (lines[0] !== '**') throw new Error('.dockerignore begins with `**`: what is new stays out.')
  const admitted: string[] = []
  const endings: string[] = []
  for (const line of lines.slice(1)) {
    const [, name] = /^!([\w./-]+)$/.exec(line) ?? []
    const [, ending] = /^\*\*\/\*([\w.-]+)$/.exec(line) ?? []
    if (name !== undefined && endings.length === 0) admitted.push(name)
    else if (ending !== undefined) endings.push(ending)
    else throw new Error(`The pattern ${line} in .dockerignore is not known here.`)
  }
  return (file) =>
    admitted.some((name) => file === name || file.startsWith(`${name}/`)) &&
    !endings.some((ending) => file.endsWith(ending))
}
