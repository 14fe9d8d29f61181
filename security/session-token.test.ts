import { expect, test } from 'vitest'
import {
  csrfTokenOf,
  hashSessionToken,
  isCsrfTokenOf,
  isSessionToken,
  makeSessionToken,
} from './session-token.ts'

test('tokens are never alike, and are known by their form', () => {
  const tokens = Array.from({ length: 1_000 }, makeSessionToken)
  expect(new Set(tokens).size).toBe(1_000)
  for (const token of tokens) expect(isSessionToken(token)).toBe(true)
  for (const other of ['', 'cvy_session_', `${makeSessionToken()}x`, ` ${makeSessionToken()}`]) {
    expect(isSessionToken(other)).toBe(false)
  }
})

test('what a page shows belongs to one session and tells nothing of it', () => {
  const [token, other] = [makeSessionToken(), makeSessionToken()]
  const shown = csrfTokenOf(token)
  expect(isCsrfTokenOf(token, shown)).toBe(true)
  for (const wrong of [csrfTokenOf(other), '', token, `${shown}=`, 'ä'.repeat(shown.length)]) {
    expect(isCsrfTokenOf(token, wrong), wrong).toBe(false)
  }
  expect(shown).not.toBe(hashSessionToken(token).toString('base64url'))
})
