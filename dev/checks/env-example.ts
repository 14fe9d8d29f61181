import { ENVIRONMENT_SECTIONS } from '../../config/environment-schema.ts'
import { factsOf } from '../../config/variable.ts'

const WIDTH = 96

const HEAD = [
  'Settings of Conveyor. `npm start` needs none of them; copy this file to `.env` and uncomment.',
  'An empty value counts as not set. All that is wrong is listed at once at start.',
  'Made from the schema in config/: change it there, then run `npm run env:write`.',
]

/** The text of `.env.example`: every variable, commented out, with what is known about it. */
export function envExample(): string {
  const blocks = [HEAD.map((line) => `# ${line}`).join('\n')]
  for (const { title, variables } of ENVIRONMENT_SECTIONS) {
    blocks.push(`# --- ${title} ---`)
    for (const [name, schema] of Object.entries(variables)) {
      const facts = factsOf(name, schema)
      const notes = [
        ...(facts.unit === undefined ? [] : [`Unit: ${facts.unit}.`]),
        `Default: ${facts.default}.`,
        ...(facts.secret === true ? ['Secret.'] : []),
      ]
      blocks.push(
        [
          ...wrap(facts.meaning).map((line) => `# ${line}`),
          `# ${notes.join(' ')}`,
          `#${name}=${facts.example}`,
        ].join('\n'),
      )
    }
  }
  return `${blocks.join('\n\n')}\n`
}

function wrap(text: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
