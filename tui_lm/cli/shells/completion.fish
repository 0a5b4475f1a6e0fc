# Completion of tui-lm in fish, written by `tui-lm completion fish`.

function __tui_lm_authors
    set -l words (commandline -opc)
    set -l model
    for i in (seq (count $words))
        if contains -- $words[$i] -m --model; and set -q words[(math $i + 1)]
            set model -m $words[(math $i + 1)]
        end
    end
    tui-lm completion --list authors $model 2>/dev/null
end

complete -c tui-lm -e
complete -c tui-lm -f
@TABLES@
