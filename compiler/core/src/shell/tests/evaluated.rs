//! Where shells evaluate what they are given, and where they do not agree how a text is read: as a table.
use super::said;

#[test]
fn what_is_evaluated_is_refused() {
    for (text, expected) in [
        // Names of variables.
        ("test -v {}", "Name"),
        ("[ -v {} ]", "Name"),
        ("[ {} {} ]", "bare, Name"),
        ("[ {} = {} ] || [ -n {} -a {} -eq 1 ]", "bare, bare, bare, bare"),
        ("read {} < {}", "Name, bare"),
        ("unset {}; wait {}; getopts ab {}", "Name, Name, Name"),
        ("printf -v {} x", "Name"),
        ("printf -v x '%s' {}", "bare"),
        ("printf '-v'{} x", "Name"),
        ("printf \"{} %s\" {}", "double!, bare"),
        ("printf -- {}", "bare"),
        ("\\unset {}; command unset {}; 'read' {}", "Name, Name, Name"),
        ("RANDOM={} OPTIND={} x={}", "Name, Name, bare"),
        // Declarations.
        ("export x={} y=\"{}\"", "bare, double"),
        ("export {}; declare {}=1; local x{}=1", "Name, Name, Name"),
        ("declare -i x={}", "Name"),
        ("declare -n x={}; typeset -a x={}; readonly -A x={}", "Name, Name, Name"),
        ("y={}; declare -i n; n={}; cmd {}", "Name, Name, bare-"),
        ("declare -i n; for n in {}; do cmd {}; done", "Name, bare-"),
        ("declare -i n; printf -v n '%s' {}; read n <<< {}", "Name, Name"),
        ("local x={}", "bare"),
        ("x=(1); local x={}", "Name"),
        ("declare {}; eval {}", "Name, Code"),
        // Subscripts and arithmetic.
        ("a[b[0]+{}]=1", "Subscript"),
        ("a[ {} ]={}; cmd {}", "Subscript, bare, bare-"),
        ("a=([{}]={} [b]={})", "Subscript, bare, bare"),
        ("exec {a[{}]}>f", "Subscript"),
        ("for ((i={}; i < 3; i++)); do cmd {}; done", "Arithmetic, Doubt"),
        ("for ((i=0; i < 3; i++)) do cmd {}; done", "Doubt"),
        ("echo ${x:{}} ${x/{}/} ${x#{}}", "Expansion, Expansion, Expansion"),
        // Code.
        ("trap -- {} EXIT; trap - {}", "Code, bare"),
        ("sh -c -e {}; sh -c -o pipefail {} {}", "Code, Code, bare"),
        ("bash -ceu {}; bash -euo pipefail -c {}", "Code, Code"),
        ("sh '-c' {}; \"sh\" -\"c\" {}; $SHELL -c {}", "Code, Code, Code"),
        ("sh -{} x; sh {} {}", "Code, bare!, bare-"),
        ("command eval {}; builtin eval {}; command -p sh -c {}", "Code, Code, Code"),
        ("xargs sh -c {}; find . -exec sh -c {} \\;; env -i sh -c {}", "Code, Code, Code"),
        ("env -S {}; env -S{}; env A={} {} x", "Code, Code, bare, bare!"),
        ("env prog {}", "bare-"),
        ("sh <<< {}; cat <<< {}; . /dev/stdin <<< {}", "Code, bare, Code"),
        (". {} {}; source {}", "bare!, bare, bare!"),
        ("ssh {} ls; ssh -i {} -- {} ls {}", "bare!, bare, bare, Code"),
        ("ssh -o {} h", "Name"),
        ("su {} -c {}; flock f -c {}; su --command={}", "bare!, Code, Code, Code"),
        ("alias x={}; parallel a {}; watch {}", "Code, Code, Code"),
        ("sh run.sh -c {}", "bare"),
        ("sh -c 'echo \"$1\"' -- {}", "bare"),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
}

/// Behind these, one shell is inside of quotes where another is not.
#[test]
fn where_shells_differ_is_refused() {
    for (text, expected) in [
        ("echo $'a\\'' {} $'b\\''", "Doubt"),
        ("echo $'a' {}", "bare"),
        ("echo \"$(!(true); echo {})\"", "bare-"),
        ("echo $[ 1 ] {}", "Doubt"),
        ("echo $((a) + 1)) {}", "Doubt"),
        ("echo $(( 'a' )) {}", "Doubt"),
        ("(( x = 1 )); echo {}", "bare-"),
        ("(( x = 1<<2 )); echo {}", "Doubt"),
        ("echo \"${x:-'a'}\" {} \"${x:-it's}\" {}", "bare, Doubt"),
        ("echo \"${x:-\"}\"}\" {}", "Doubt"),
        ("cat <<\"a'b\"\nab\na'b\necho {}", "Doubt, 0:16 `'` without its partner in shell text"),
        ("cat <<E\n$(echo\nE\n#)\n#E\necho {}", "Doubt"),
        ("cat <<E\na\\\nE\necho {}\nE\n", "Doubt"),
        ("cat <<E\n$(a) ${b} `c` it's \"\nE\necho {}", "bare-"),
        ("cat <<E $(echo\na)\nE\necho {}", "Doubt"),
        ("echo $\"{}\" {}", "AfterDollar, bare"),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
}
