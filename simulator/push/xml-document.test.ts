import { expect, test } from 'vitest'
import { parseXml, XmlError } from './xml-document.ts'

const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth)

test('reads a hundred levels and no more', () => {
  expect(parseXml(nested(100)).name).toBe('a')
  expect(() => parseXml(nested(101))).toThrow(XmlError)
})

test.for([
  ['', 'one outermost element'],
  ['<a/><b/>', 'one outermost element'],
  ['<a>', 'breaks off'],
  ['<a></b>', 'closes what was not opened'],
  ['<p:a/>', 'not declared'],
  ['<a>&nbsp;</a>', 'no known entity'],
  ['<a>&#x110000;</a>', 'no known entity'],
  ['<!DOCTYPE a><a/>', 'not well-formed'],
])('%s is no document', ([text = '', reason = '']) => {
  expect(() => parseXml(text)).toThrow(reason)
})
