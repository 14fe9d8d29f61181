import path from 'node:path'
import { RESERVED_PACKAGES, ROOM_RULES, type RoomRule, TEST_PACKAGES } from './import-rule-table.ts'
import { type SourceImport, sourceImports } from './source-imports.ts'

/** One import that the rule does not allow. */
export interface ImportViolation {
  /** Path from the root, with slashes. */
  readonly file: string
  readonly line: number
  readonly rule: string
  readonly why: string
}

interface ImportingFile {
  readonly path: string
  readonly room: string
  readonly rule: RoomRule
  readonly isTest: boolean
  readonly isEntry: boolean
}

/** Checks one file; `file` is its path from the root, with slashes. */
export function checkImports(file: string, source: string): readonly ImportViolation[] {
  const room = roomOf(file)
  const rule = ROOM_RULES[room]
  if (rule === undefined) {
    return [
      { file, line: 1, rule: `${room}/ is no room`, why: 'each folder at the root has a rule' },
    ]
  }
  const importing: ImportingFile = {
    path: file,
    room,
    rule,
    isTest: file.endsWith('.test.ts'),
    isEntry: /(^|[/-])main\.ts$/.test(file),
  }
  return sourceImports(file, source).flatMap((found) => {
    const broken = checkImport(importing, found)
    return broken === null ? [] : [{ file, line: found.line, ...broken }]
  })
}

type Broken = Pick<ImportViolation, 'rule' | 'why'> | null

function checkImport(importing: ImportingFile, found: SourceImport): Broken {
  const { specifier } = found
  if (specifier === null) {
    if (importing.rule.rooms === 'all' || importing.room === 'bin') return null
    return {
      rule: 'a computed import is not allowed here',
      why: 'what it loads cannot be checked',
    }
  }
  if (path.isAbsolute(specifier) || /^(file|https?|data):/.test(specifier)) {
    return { rule: `${specifier} is not allowed`, why: 'files are imported by relative paths' }
  }
  return /^\.{1,2}(\/|$)/.test(specifier)
    ? checkRoom(importing, specifier, found.typeOnly)
    : checkPackage(importing, packageOf(specifier), found.typeOnly)
}

function checkRoom(importing: ImportingFile, specifier: string, typeOnly: boolean): Broken {
  const target = path.posix.join(path.posix.dirname(importing.path), specifier)
  if (target.startsWith('../')) {
    return { rule: `${specifier} is outside the project`, why: 'a clone would not have it' }
  }
  const room = roomOf(target)
  const { rule } = importing
  if (room === importing.room || rule.rooms === 'all' || rule.rooms.includes(room)) return null
  if (importing.isEntry && rule.entryRooms?.includes(room)) return null
  const from = importing.room === '' ? 'a file at the root' : `${importing.room}/`
  const to = room === '' ? 'files at the root' : `${room}/`
  if (rule.typesOf?.includes(room)) {
    if (typeOnly) return null
    return { rule: `${from} may import ${to} by \`import type\` only`, why: rule.why }
  }
  return { rule: `${from} may not import ${to}`, why: rule.why }
}

function checkPackage(importing: ImportingFile, name: string, typeOnly: boolean): Broken {
  const { room, rule } = importing
  if (importing.isTest && matches(name, TEST_PACKAGES)) return null
  for (const reserved of RESERVED_PACKAGES) {
    if (matches(name, reserved.packages) && !reserved.rooms.includes(room)) {
      return {
        rule: `${room}/ may not import ${name}; only ${reserved.rooms.join(', ')} may`,
        why: reserved.why,
      }
    }
  }
  if (rule.packages === undefined || matches(name, rule.packages)) return null
  // A type is gone before anything runs; workflows take even types from their two packages only.
  if (typeOnly && rule.packages.length === 0) return null
  const allowed = rule.packages.length === 0 ? 'no package' : `only ${rule.packages.join(', ')}`
  return { rule: `${room}/ may not import ${name}: ${allowed}`, why: rule.why }
}

/** The longest folder with a rule of its own, else the first folder; '' for files at the root. */
function roomOf(file: string): string {
  const folders = file.split('/').slice(0, -1)
  for (let length = folders.length; length > 0; length -= 1) {
    const folder = folders.slice(0, length).join('/')
    if (folder in ROOM_RULES) return folder
  }
  return folders[0] ?? ''
}

/** `@scope/name/deep` → `@scope/name`; Node's modules with their prefix, however written. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  )
}
