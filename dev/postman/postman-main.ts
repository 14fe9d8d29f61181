import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openApiDocument } from '../../api/openapi/document.ts'
import { postmanCollection } from './collection.ts'

const BASE_URL = 'http://localhost:5058'
const name = 'docs/conveyor.postman_collection.json'
const file = path.join(import.meta.dirname, '../..', name)
const text = `${JSON.stringify(postmanCollection(openApiDocument(), BASE_URL), null, 2)}\n`
const mode = process.argv[2]

if (mode === '--write') {
  writeFileSync(file, text)
  console.log(`${name} is written.`)
} else if (mode === '--check') {
  if (readFileSync(file, 'utf8') === text) {
    console.log(`${name} says what the OpenAPI document says.`)
  } else {
    console.error(`${name} is not what the OpenAPI document makes. Run \`npm run postman\`.`)
    process.exitCode = 1
  }
} else {
  console.error('usage: postman-main.ts --write|--check')
  process.exitCode = 64
}
