import { describe, expect, it } from '@jest/globals'
import { parseImageValue } from '../../../actions/build-tag/src/image-value.ts'
import { Unusable } from '../../../kit/inputs.ts'
import { digestOf } from './shop.ts'

describe('the form of a value is kept', () => {
  const next = { tag: '5-1b4c2de', digest: digestOf('d') }
  it.each([
    ['shop/web', `shop/web:5-1b4c2de@${next.digest}`],
    ['shop/web:1', `shop/web:5-1b4c2de@${next.digest}`],
    [`shop/web:1@${digestOf('a')}`, `shop/web:5-1b4c2de@${next.digest}`],
    [`shop/web@${digestOf('a')}`, `shop/web:5-1b4c2de@${next.digest}`],
    ['docker.io/shop/web:1', `docker.io/shop/web:5-1b4c2de@${next.digest}`],
    ['host:5000/web', `host:5000/web:5-1b4c2de@${next.digest}`],
    ['shop/web:${TAG:-1}', `shop/web:\${TAG:-5-1b4c2de@${next.digest}}`],
    ['shop/web:${TAG-}', `shop/web:\${TAG-5-1b4c2de@${next.digest}}`],
    ['host:5000/web:${TAG:-1}', `host:5000/web:\${TAG:-5-1b4c2de@${next.digest}}`],
    ['${IMAGE:-docker.io/a/b:latest}', `\${IMAGE:-docker.io/a/b:5-1b4c2de@${next.digest}}`],
  ])('%s', (value, after) => {
    expect(parseImageValue(value).write(next)).toBe(after)
    expect(parseImageValue(after).write(next)).toBe(after)
  })

  it.each([
    ...[
      '$IMAGE',
      '${IMAGE}',
      '${IMAGE:?}',
      'shop/web:${TAG}',
      'shop/web:$TAG',
      'shop/web:${TAG}-svc',
      'shop/web:${A:-$B}',
    ],
    ...['${PREFIX-}web', '${PREFIX:-}web:${TAG:-1}', '${R:-x}/app:${P:-l}-${T:-y}', 'shop/web:${TAG:+1}', 'a$$b'],
    ...['shop/web:1:${TAG:-1}', 'shop/web:|version|', 'ENC[AES256_GCM,data:x]', 'shop/web:${TAG:-a b}'],
  ])('%s is refused', value => expect(() => parseImageValue(value)).toThrow(Unusable))
})
