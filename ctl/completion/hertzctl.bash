# bash completion for hertzctl: words come from the program's own help, names from the running hertzd.
_hertzctl()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words
    if [[ $prev == @(--socket|--write) ]]; then
        compopt -o default
        return
    elif [[ $COMP_CWORD == 1 || $prev == help ]]; then
        words=$(hertzctl --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
    elif [[ $cur == -* ]]; then
        words=$(hertzctl help "$command" 2>/dev/null | grep -o -- '--[a-z-]*')
    elif [[ $COMP_CWORD == 2 && $command == @(gain|tune|ppm|bias|scan) ]]; then
        words=$(hertzctl receivers --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4)
    elif [[ $COMP_CWORD == 2 && $command == @(remove|why) ]]; then
        words=$(hertzctl channels --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4)
    elif [[ $COMP_CWORD == 2 && $command == @(channel|receiver|listen|output|input|event|meter|sensor) ]]; then
        words="add set remove"
    elif [[ $COMP_CWORD == 3 && $prev == @(set|remove) ]]; then
        words=$(hertzctl config 2>/dev/null | sed -n "s/^\[$command \(.*\)\]/\1/p")
    elif [[ $COMP_CWORD == 2 && $command == hertzd ]]; then
        words=set
    elif [[ $COMP_CWORD == 2 && $command == capture ]]; then
        words="add set remove "$(hertzctl captures --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4)
    elif [[ $command == bias ]]; then
        words="on off"
    fi
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _hertzctl hertzctl
