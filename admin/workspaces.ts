import { parseArgs } from 'node:util'
import type { CommandContext } from './command.ts'
import { CommandError } from './command-error.ts'

const WORKSPACE_ID = /^[a-z0-9][a-z0-9-]{0,62}$/

/** `workspaces create|list`. @throws {CommandError} */
export async function runWorkspacesCommand(
  args: readonly string[],
  { database, print, note }: CommandContext,
): Promise<void> {
  const { values, positionals } = parse(args)
  const [verb, workspaceId = ''] = positionals
  switch (verb) {
    case 'create': {
      if (!WORKSPACE_ID.test(workspaceId)) {
        throw new CommandError('A workspace id is 1 to 63 small letters, digits and hyphens.')
      }
      const made = await database.system.addWorkspace(workspaceId, values.name ?? workspaceId)
      if (!made) throw new CommandError(`There is a workspace ${workspaceId} already.`)
      note(
        `Workspace ${workspaceId} is made. Give it a key: keys create --workspace ${workspaceId} …`,
      )
      return
    }
    case 'list':
      for (const { id, name } of await database.system.listWorkspaces()) print(`${id}  ${name}`)
      return
    default:
      throw new CommandError('workspaces takes create or list.')
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { name: { type: 'string' } },
    })
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError(error.message)
    throw error
  }
}
