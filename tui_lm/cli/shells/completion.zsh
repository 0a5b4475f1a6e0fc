# Completion of tui-lm in zsh, written by `tui-lm completion zsh`.

@TABLES@

_tui_lm() {
  emulate -L zsh
  local command='' option='' model='' argument=0 list='' each i
  for ((i = 2; i < CURRENT; i++)); do
    each=${(Q)words[i]}
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
  elif [[ ${words[CURRENT]} == -* ]]; then
    list=$(_tui_lm_options "$command")
  else
    list=$(_tui_lm_values "$command $argument" "$model")
  fi
  if [[ -n $list ]]; then
    local -a names=("${(@f)list}")
    compadd -a -- names
  else
    _files
  fi
}

compdef _tui_lm tui-lm
