import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { envExample } from './env-example.ts'

const file = path.join(import.meta.dirname, '../../.env.example')
const mode = process.argv[2]

if (mode === '--write') {
  writeFileSync(file, envExample())
  console.log('.env.example is written.')
} else if (mode === '--check') {
  if (readFileSync(file, 'utf8') === envExample()) {
    console.log('.env.example says what the schema says.')
  } else {
    console.error('.env.example is not what the schema makes. Run `npm run env:write`.')
    process.exitCode = 1
  }
} else {
  console.error('usage: env-example-main.ts --write|--check')
  process.exitCode = 64
}
