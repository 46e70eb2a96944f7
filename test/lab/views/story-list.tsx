/** The user stories and more scenes: what is promised, and where the code is. */

import { MORE_SCENES, STORIES, type Story, USER_STORIES } from '../model/stories.ts'
import type { LabProperties } from '../page/state.ts'

/** The numbers of the lines of each story's code: test/lab/lab-file.ts sets it. */
declare const LAB_CODE_LINES: readonly (readonly number[])[]

export function Stories({ lab, change }: LabProperties) {
  return (
    <section id="stories" aria-label="Scenes">
      <h2>The user stories</h2>
      <ol>
        {USER_STORIES.map((story) => (
          <Item key={story.name} story={story} lab={lab} change={change} />
        ))}
      </ol>
      <h2>What goes wrong, and messages</h2>
      <ul>
        {MORE_SCENES.map((story) => (
          <Item key={story.name} story={story} lab={lab} change={change} />
        ))}
      </ul>
    </section>
  )
}

function Item({ story, lab, change }: LabProperties & { readonly story: Story }) {
  const isShown = lab.story === story
  const lines = LAB_CODE_LINES[STORIES.indexOf(story)] ?? []
  return (
    <li class={isShown ? 'shown' : ''}>
      <h3>{story.name}</h3>
      <button
        type="button"
        aria-label={`Show me: ${story.name}`}
        onClick={() => change(() => lab.show(story))}
      >
        Show me
      </button>
      <p>{story.promise}</p>
      {isShown && (
        <details>
          <summary>The code that does it</summary>
          {story.code.map(({ file, text }, index) => (
            <p key={text} class="code">
              <span>
                {file}:{lines[index]}
              </span>
              <code>{text.trim()}</code>
            </p>
          ))}
        </details>
      )}
    </li>
  )
}
