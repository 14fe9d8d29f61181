// Draws the page from /openapi.json. Everything from the document is set as text, never as markup.

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/** An element with attributes and children; strings become text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children.filter((child) => child !== null))
  return made
}

/** `code` between backticks is set as code. */
function prose(text) {
  const parts = text.split('`')
  return parts.map((part, at) => (at % 2 === 1 ? element('code', {}, part) : part))
}

function refName(schema) {
  return schema.$ref?.split('/').pop() ?? null
}

/** A schema in a few words, with links to the named ones. */
function typeOf(schema) {
  if (!schema) return ['any']
  const name = refName(schema)
  if (name) return [element('a', { href: `#schema-${name}` }, name)]
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (choices)
    return choices.flatMap((one, at) => (at === 0 ? typeOf(one) : [' or ', ...typeOf(one)]))
  if (schema.const !== undefined) return [JSON.stringify(schema.const)]
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(' | ')]
  if (schema.type === 'array') return ['array of ', ...typeOf(schema.items)]
  if (Array.isArray(schema.type)) return [schema.type.join(' or ')]
  return [[schema.type, schema.format].filter(Boolean).join(', ') || 'any']
}

function row(name, schema, required, description) {
  const notes = [
    description ?? schema?.description,
    schema?.default === undefined ? null : `Default ${JSON.stringify(schema.default)}.`,
  ]
    .filter(Boolean)
    .join(' ')
  return element(
    'tr',
    {},
    element(
      'td',
      {},
      element('code', {}, name),
      required ? element('span', { class: 'quiet' }, ' required') : null,
    ),
    element('td', {}, ...typeOf(schema)),
    element('td', {}, ...prose(notes)),
  )
}

function table(headings, rows) {
  const head = element('tr', {}, ...headings.map((heading) => element('th', {}, heading)))
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows))
}

function properties(schema) {
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const inner = Object.entries(each.properties ?? {}).map(([innerName, one]) =>
      row(`${name}.${innerName}`, one, each.required?.includes(innerName)),
    )
    return [row(name, each, schema.required?.includes(name)), ...inner]
  })
  return rows.length === 0
    ? element('p', {}, ...typeOf(schema))
    : table(['Field', 'Type', ''], rows)
}

function exampleText(example) {
  return typeof example === 'string' ? example : JSON.stringify(example, null, 2)
}

function body(requestBody) {
  if (!requestBody) return []
  return [
    element('h3', {}, 'Body'),
    ...Object.entries(requestBody.content).flatMap(([type, { schema, example }]) => [
      element('p', {}, element('code', {}, type), ' ', ...typeOf(schema)),
      ...(example === undefined ? [] : [element('pre', {}, exampleText(example))]),
    ]),
  ]
}

function answers(responses) {
  const rows = Object.entries(responses).map(([status, response]) => {
    const content = Object.entries(response.content ?? {}).flatMap(([type, { schema }], at) => [
      ...(at === 0 ? [] : [element('br')]),
      element('code', {}, type),
      ' ',
      ...typeOf(schema),
    ])
    return element(
      'tr',
      {},
      element('td', {}, element('code', {}, status)),
      element('td', {}, ...content),
      element('td', {}, ...prose(response.description ?? '')),
    )
  })
  return [element('h3', {}, 'Answers'), table(['Status', 'Content', ''], rows)]
}

function operation(path, method, described) {
  const parameters = described.parameters ?? []
  return element(
    'section',
    { id: described.operationId },
    element('h2', {}, described.summary ?? described.operationId),
    element(
      'p',
      { class: 'route' },
      element('span', { class: 'method' }, method.toUpperCase()),
      element('code', {}, path),
    ),
    described.description ? element('p', {}, ...prose(described.description)) : null,
    ...(parameters.length === 0
      ? []
      : [
          element('h3', {}, 'Parameters'),
          table(
            ['Name', 'Type', ''],
            parameters.map((one) =>
              row(`${one.name} (${one.in})`, one.schema, one.required, one.description),
            ),
          ),
        ]),
    ...body(described.requestBody),
    ...answers(described.responses),
  )
}

function draw(api) {
  const contents = document.getElementById('contents')
  const reference = document.getElementById('reference')
  const byTag = new Map()
  const sections = []
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((one) => item[one])) {
      const described = item[method]
      const tag = described.tags?.[0] ?? 'Other'
      byTag.set(tag, [...(byTag.get(tag) ?? []), described])
      sections.push(operation(path, method, described))
    }
  }
  const schemas = Object.entries(api.components?.schemas ?? {})
  contents.replaceChildren(
    element('strong', {}, api.info.title),
    ...[...byTag].flatMap(([tag, operations]) => [
      element('h2', {}, tag),
      ...operations.map((one) =>
        element('a', { href: `#${one.operationId}` }, one.summary ?? one.operationId),
      ),
    ]),
    element('h2', {}, 'Schemas'),
    ...schemas.map(([name]) => element('a', { href: `#schema-${name}` }, name)),
  )
  reference.replaceChildren(
    element('h1', {}, `${api.info.title} API`),
    element('p', {}, ...prose(api.info.description ?? '')),
    element(
      'p',
      {},
      'The document itself: ',
      element('a', { href: '/openapi.json' }, '/openapi.json'),
    ),
    ...sections,
    ...schemas.map(([name, schema]) =>
      element(
        'section',
        { id: `schema-${name}` },
        element('h2', {}, name),
        schema.description ? element('p', {}, ...prose(schema.description)) : null,
        properties(schema),
      ),
    ),
  )
  // The place that the address names exists only now.
  if (location.hash)
    document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
}

async function start() {
  try {
    const response = await fetch('/openapi.json')
    if (!response.ok) throw new Error(`status ${response.status}`)
    draw(await response.json())
  } catch (error) {
    document.getElementById('status').textContent =
      `/openapi.json could not be read: ${error.message}`
  }
}

void start()
