import { describe, expect, it } from '@jest/globals'
import { ignoredAt, ignorePaths } from '../../../kit/terraform/ignore-paths.ts'
import type { AttributePath } from '../../../kit/terraform/plan.ts'

const covers = (pattern: string, address: string, path: AttributePath) =>
  ignoredAt(ignorePaths.parse(pattern), address)?.(path) ?? false

describe('a leaf that may differ', () => {
  it.each<[string, string, AttributePath, boolean]>([
    ['aws_instance.app.tags.Sha', 'aws_instance.app', ['tags', 'Sha'], true],
    ['aws_instance.app.tags.Sha', 'aws_instance.app', ['tags', 'Name'], false],
    ['aws_instance.app.tags.Sha', 'aws_instance.other', ['tags', 'Sha'], false],
    ['aws_instance.app.tags.Sha', 'module.a.aws_instance.app', ['tags', 'Sha'], false],
    ['aws_instance.app.tags.Sha', 'aws_instance.app[2]', ['tags', 'Sha'], true],
    ['aws_instance.app[1].tags.Sha', 'aws_instance.app[2]', ['tags', 'Sha'], false],
    ['aws_instance.app[*].tags.Sha', 'aws_instance.app["x"]', ['tags', 'Sha'], true],
    ['aws_instance.app["a.b"].tags', 'aws_instance.app["a.b"]', ['tags'], true],
    ['aws_instance.app["q\\"]"].tags', 'aws_instance.app["q\\"]"]', ['tags'], true],
    ['module.a["x"].aws_lb.front.tags["b.c"]', 'module.a["x"].aws_lb.front', ['tags', 'b.c'], true],
    ['module.a.aws_lb.front.name', 'module.a["x"].aws_lb.front', ['name'], true],
    ['data.external.x.result', 'data.external.x', ['result'], true],
    ['*.tags["x"]', 'module.a.aws_lb.front[0]', ['tags', 'x'], true],
    ['*.tags.*', 'aws_lb.front', ['tags', 'y'], true],
    ['*.tags.*', 'aws_lb.front', ['tags'], false],
    ['*.list[*].x', 'aws_lb.front', ['list', 3, 'x'], true],
    ['*.list[1]', 'aws_lb.front', ['list', 1], true],
    ['output.image_tag', 'output.image_tag', [], true],
    ['output.image.tag', 'output.image', ['tag'], true],
    ['output.image.tag', 'output.image', [], false],
  ])('%s: at %s the path %j is covered: %s', (pattern, address, path, isCovered) => {
    expect(covers(pattern, address, path)).toBe(isCovered)
  })

  it.each([
    'aws_instance.app',
    'module.a.aws_instance.app[0]',
    '*',
    'output',
    'x',
    '*.',
    'a b.c.d',
    'a.b[',
    '[0].a.b.c',
    'a.*.c',
  ])('is not %s, which names no attribute of an object', pattern => {
    expect(() => ignorePaths.parse(pattern)).toThrow('does not name an attribute')
  })
})
