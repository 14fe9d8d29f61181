import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { runCommand } from './run-command.ts'

/**
 * Installs one version of a package into a folder of its own, once. Gives the package's folder.
 * Rejects with what npm said when it cannot be had.
 */
export async function installNpmPackage(
  name: string,
  version: string,
  cache: string,
  say: (line: string) => void,
): Promise<string> {
  const folder = join(cache, `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}`)
  const installed = join(folder, 'node_modules', name)
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return installed
  say(`installing ${name} ${version} into ${folder}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const run = await runCommand(
    npm,
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--save-exact',
      `${name}@${version}`,
    ],
    {
      folder,
      // npm and what it starts run on this Node, whichever one is first in the path.
      environment: { PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter) },
    },
  )
  if (run.code !== 0) throw new Error(`npm could not install ${name} ${version}:\n${run.errors}`)
  // Written last: an install that was broken off is done again.
  writeFileSync(complete, '')
  return installed
}
