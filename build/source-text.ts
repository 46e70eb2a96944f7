/**
 * TypeScript source seen in layers, so that a rule about code does not trip over a comment and a
 * rule about comments not over a string. A scanner of a few lines instead of a parser: tidy.ts
 * needs no syntax tree, and the native compiler offers none.
 */

/**
 * The same text three times, each as long as the original, so that an index means the same place in
 * all of them. What a view leaves out is spaces; line breaks stay.
 */
export interface SourceViews {
  /** Neither comments nor what is between quotes. The quotes themselves are there. */
  readonly code: string
  /** Comments only. */
  readonly comments: string
  /** Everything but comments. */
  readonly uncommented: string
}

/** Something in a source file that breaks a rule. */
export interface Finding {
  readonly path: string
  /** Counts from 1. */
  readonly line: number
  readonly message: string
}

/** The line, from 1, of an index in a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

type Kind = 'code' | 'comment' | 'quoted'

/** After one of these, or at the start, a slash begins a regular expression and is no division. */
const BEFORE_REGEXP =
  /(?:^|[([{}=,;:!&|?+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|yield|await))\s*$/

/**
 * Whole tokens that are easy to recognise where they begin. Templates nest and are handled apart.
 */
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?/y
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y
const TEMPLATE_PIECE = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y

/**
 * Splits TypeScript source into its {@link SourceViews}. Never throws, also not for broken source.
 */
export function sourceViews(text: string): SourceViews {
  const kinds = kindOfEachCharacter(text)
  const view = (...visible: readonly Kind[]) =>
    Array.from({ length: text.length }, (_, index) => {
      const character = text[index] ?? ''
      return character === '\n' || visible.includes(kinds[index] ?? 'code') ? character : ' '
    }).join('')
  return { code: view('code'), comments: view('comment'), uncommented: view('code', 'quoted') }
}

function kindOfEachCharacter(text: string): Kind[] {
  const kinds: Kind[] = new Array(text.length).fill('code')
  // One entry for each `${` that is open, counting the braces opened inside it.
  const templateDepths: number[] = []
  let index = 0

  const take = (token: RegExp): number => {
    token.lastIndex = index
    return token.exec(text)?.[0].length ?? 0
  }
  const mark = (length: number, kind: Kind, edge = 0): void => {
    kinds.fill(kind, index + edge, Math.max(index + length - edge, index + edge))
    index += length
  }
  /**
   * The text of a template up to and with its closing backtick, or the `${` that opens code again.
   */
  const template = (): void => {
    mark(take(TEMPLATE_PIECE), 'quoted')
    if (text[index] === '$') {
      templateDepths.push(0)
      index += 2
    } else {
      index += 1
    }
  }

  while (index < text.length) {
    const character = text[index]
    const depth = templateDepths.at(-1)
    const comment = character === '/' ? take(COMMENT) : 0
    if (comment > 0) mark(comment, 'comment')
    else if (character === "'" || character === '"') mark(take(STRING), 'quoted', 1)
    else if (character === '/' && BEFORE_REGEXP.test(codeBefore(text, kinds, index))) {
      mark(Math.max(take(REGEXP), 1), 'quoted')
    } else if (character === '`') {
      index += 1
      template()
    } else if (character === '}' && depth === 0) {
      templateDepths.pop()
      index += 1
      template()
    } else {
      if (depth !== undefined && character === '{') templateDepths.splice(-1, 1, depth + 1)
      if (depth !== undefined && character === '}') templateDepths.splice(-1, 1, depth - 1)
      index += 1
    }
  }
  return kinds
}

/** The code just before an index, without comments: enough of it to see the last word or sign. */
function codeBefore(text: string, kinds: readonly Kind[], index: number): string {
  let before = ''
  for (let at = index - 1; at >= 0 && before.trim().length < 12; at--) {
    if (kinds[at] !== 'comment') before = `${text[at]}${before}`
  }
  return before
}
