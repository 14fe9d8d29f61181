import { describe, expect, test } from 'vitest'
import { PRIVATE_TOO, PUBLIC_ONLY } from './address-rules.ts'
import { checkCallbackUrl } from './callback-url.ts'

describe('for development', () => {
  test.each([
    ...['127.0.0.1', '::1', '10.1.2.3', '192.168.1.1', '172.20.0.2', 'fd12::1'],
    // Beside metadata.
    ...['fd20:ce::253', 'fd20:cf::254', 'fd00:ec3::254', 'fd00:42::43', 'fd00::1'],
  ])('%s is called', (address) => {
    expect(PUBLIC_ONLY.refusalOf(address)).not.toBeNull()
    expect(PRIVATE_TOO.refusalOf(address)).toBeNull()
  })

  test.each([
    ...['169.254.169.254', '168.63.129.16', '100.64.0.1', '::7f00:1'],
    ...['100.100.100.200', '192.0.0.192', '169.254.42.42', '169.254.170.23', 'fe80::a9fe:a9fe'],
  ])('%s stays closed', (address) => {
    expect(PRIVATE_TOO.refusalOf(address)).not.toBeNull()
  })

  test.each([
    ...['fd00:ec2::254', 'FD00:0EC2:0:0::0254', 'fd00:ec2::23', 'fd20:ce::254'],
    ...['fd00:c1::a9fe:a9fe', 'fd00:100::100:200', 'fd00:a9fe:a9fe::1', 'fd00:42::42'],
  ])('metadata at %s stays closed', (address) => {
    expect(PRIVATE_TOO.refusalOf(address)).toBe('metadata')
  })

  test('names of the machine, ports and clear text are taken', () => {
    expect(checkCallbackUrl('http://localhost:8080/hook', PRIVATE_TOO)).toMatchObject({ ok: true })
    expect(checkCallbackUrl('ftp://localhost/', PRIVATE_TOO)).toMatchObject({ refusal: 'scheme' })
  })
})

test.each([
  ['https://example.com/hook?x=1', 'https://example.com/hook?x=1'],
  ['HTTPS://EXAMPLE.com:443', 'https://example.com/'],
  ['https://bücher.example.com/', 'https://xn--bcher-kva.example.com/'],
  ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
  ['https://localhost.example.com/', 'https://localhost.example.com/'],
])('%s is taken', (text, href) => {
  const checked = checkCallbackUrl(text, PUBLIC_ONLY)
  expect(checked.ok && checked.url.href).toBe(href)
})

test.each([
  ['', 'not_a_url'],
  ['example.com/hook', 'not_a_url'],
  ['//example.com/hook', 'not_a_url'],
  ['https://', 'not_a_url'],
  ['https://999.999.999.999/', 'not_a_url'],
  ['https://1.2.3.4.5/', 'not_a_url'],
  ['https://example.com/a b', 'not_a_url'],
  ['https://exam\tple.com/', 'not_a_url'],
  ['https://example.com\\@127.0.0.1/', 'not_a_url'],
  ['https://example.com/\0', 'not_a_url'],
  [`https://example.com/${'x'.repeat(2_048)}`, 'too_long'],
  ['http://example.com/', 'scheme'],
  ['file:///etc/passwd', 'scheme'],
  ['gopher://example.com/', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['data:text/plain,hi', 'scheme'],
  ['https://ada@example.com/', 'credentials'],
  ['https://:pw@example.com/', 'credentials'],
  ['https://127.0.0.1@example.com/', 'credentials'],
  ['https://example.com:22/', 'port'],
  ['https://example.com:80/', 'port'],
  ['https://example.com:8443/', 'port'],
  ['https://localhost/', 'local_name'],
  ['https://LOCALHOST/', 'local_name'],
  ['https://localhost./', 'local_name'],
  ['https://a.localhost/', 'local_name'],
  ['https://example.com./', 'local_name'],
  ['https://intranet/', 'local_name'],
  ['https://metadata.google.internal/', 'local_name'],
  ['https://printer.local/', 'local_name'],
  ['https://router.home.arpa/', 'local_name'],
])('%s is refused: %s', (text, refusal) => {
  const checked = checkCallbackUrl(text, PUBLIC_ONLY)
  expect(checked).toMatchObject({ ok: false, refusal })
  // A URL can be a secret.
  expect(!checked.ok && checked.message).not.toContain('example.com/a')
})
