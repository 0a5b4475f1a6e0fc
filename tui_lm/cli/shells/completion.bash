# Completion of tui-lm in bash, written by `tui-lm completion bash`.

@TABLES@

_tui_lm() {
  local word=${COMP_WORDS[COMP_CWORD]} command='' option='' model='' argument=0 list='' each i
  for ((i = 1; i < COMP_CWORD; i++)); do
    each=${COMP_WORDS[i]}
    if [[ -n $option ]]; then
      [[ $option == -m || $option == --model ]] && model=$each
      option=''
    elif _tui_lm_takes_value "$command $each"; then
      option=$each
    elif [[ $each == -* ]]; then
      :
    elif ((argument == 0)) && _tui_lm_is_command "${command:+$command }$each"; then
      command=${command:+$command }$each
    else
      argument=$((argument + 1))
    fi
  done
  if [[ -n $option ]]; then
    list=$(_tui_lm_values "$command $option" "$model")
  elif [[ $word == -* ]]; then
    list=$(_tui_lm_options "$command")
  else
    list=$(_tui_lm_values "$command $argument" "$model")
  fi
  COMPREPLY=()
  # Not with compgen -W, which would run what stands in a name.
  while IFS= read -r each; do
    [[ -n $each && $each == "$word"* ]] && COMPREPLY+=("$(printf '%q' "$each")")
  done <<<"$list"
}

complete -o default -F _tui_lm tui-lm
