import { data } from '@actions/expressions'
import { expect, test } from '@jest/globals'
import { evaluateExpression, fromExpressionData, toExpressionData } from '../../../local-github/runner/evaluate.ts'

const scope = { contexts: new data.Dictionary({ key: 'x', value: toExpressionData({ a: 1, text: "it's" }) }) }

test.each<[string, unknown]>([
  ["'it''s'", "it's"],
  ["'''a'' and ''b'''", "'a' and 'b'"],
  ["''", ''],
  ["''''", "'"],
  ["format('tr -d ''{0}'' | sed ''s/^/{{}}/''', x.a)", "tr -d '1' | sed 's/^/{}/'"],
  ["x.text == 'it''s' && x.A == '1'", true],
])('%s is %j', (expression, value) => {
  expect(fromExpressionData(evaluateExpression(expression, scope))).toBe(value)
})

test('an expression that cannot be evaluated is named in the error', () => {
  expect(() => evaluateExpression('nowhere.x', scope)).toThrow(/Cannot evaluate `nowhere\.x`: .*nowhere/)
})
