/**
 * The scripts that teach a shell to ask this program what may come next. Each hands over the words
 * of the line up to the cursor, and gets the candidates for the last of them, one a line; those of
 * zsh and fish show what each stands for.
 */
export const COMPLETION_SCRIPTS: Readonly<Record<string, string>> = {
  // bash splits words at colons, which ids may have: what it has split off is cut off again.
  bash: `_queuectl() {
  local line cur colons
  cur="\${COMP_LINE:0:COMP_POINT}"
  read -ra line <<< "$cur"
  [[ "$cur" == *[[:space:]] ]] && line+=("")
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(queuectl completions candidates -- "\${line[@]:1}" 2>/dev/null)
  cur="\${line[-1]}"
  if [[ "$cur" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
    colons="\${cur%"\${cur##*:}"}"
    COMPREPLY=("\${COMPREPLY[@]#"$colons"}")
  fi
  if [[ "$cur" == --*=* && "$COMP_WORDBREAKS" == *=* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#*=}")
  fi
}
complete -o default -F _queuectl queuectl
`,
  zsh: `#compdef queuectl
_queuectl() {
  local -a lines found shown
  local -i width=0
  local line word about
  lines=("\${(@f)$(queuectl completions described -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)\${(@)lines%%$'\\t'*}:#}")
  for word in "\${(@)found}"; do (( \${#word} > width && (width = \${#word}) )); done
  for line in "\${(@)lines:#}"; do
    word="\${line%%$'\\t'*}"
    about="\${line#"$word"}"
    line="\${(r:width:)word}  \${about#$'\\t'}"
    shown+=("\${line[1,COLUMNS-1]}")
  done
  if (( \${#found} )); then
    compadd -Q -l -d shown -- "\${(@)found}"
  else
    _files
  fi
}
compdef _queuectl queuectl
`,
  fish: `function __queuectl_candidates
  set -l line (commandline -opc) (commandline -ct)
  set -l found (queuectl completions described -- $line[2..-1] 2>/dev/null)
  if count $found >/dev/null
    string join \\n -- $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c queuectl -f -a '(__queuectl_candidates)'
`,
};
