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
        ("printf ''{} x; printf \"\\\n\"{} x; printf $x{} x; printf a{} x", "bare!, bare!, bare!, bare"),
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
        ("trap ${x#} {} EXIT; printf $x {}; $x eval {}; $x {}", "Code, bare!, Code, bare-"),
        ("sh run.sh -c {}", "bare"),
        ("sh -c 'echo \"$1\"' -- {}", "bare"),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
}

/// The parser of the whole language panics on this one.
#[test]
fn what_the_parser_cannot_bear_is_an_error() {
    let text = "p v; p<<E v)\" $((1+v)) ;\np v vv; p \\'a=\"\" \\')\"]=$\"${x:-\"\\'\"}$((1+1))\"$'`('; p v \"${x:-${x%'}'}}\" && [ $(cat <<'E'\n$x$x\\\\\nE\n";
    let found = super::super::syntax::check("sh", text, std::slice::from_ref(&(0..text.len())), &[]).unwrap();
    assert_eq!(found.message, "shell text cannot be read");
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
        ("echo $(( \"$x\" + 1 )) {}; echo $(( \"\\\"\" )) {}", "bare, Doubt"),
        ("(( x = 1<<2 )); echo {}", "Doubt"),
        ("echo \"${x:-'a'}\" {} \"${x:-it's}\" {}", "bare, Doubt"),
        ("echo \"${x:-\"}\"}\" {}", "Doubt"),
        ("cat <<\"a'b\"\nab\na'b\necho {}", "Doubt, 0:16 `'` without its partner in shell text"),
        ("cat <<E\n$(echo\nE\n#)\n#E\necho {}", "Doubt"),
        ("cat <<E\na\\\nE\necho {}\nE\n", "Doubt"),
        ("cat <<E\n$(a) ${b} `c` it's \"\nE\necho {}", "bare-"),
        ("cat <<E $(echo\na)\nE\necho {}", "Doubt"),
        ("a=(!(\"{}\")); cmd {}", "Doubt, Doubt, 0:4 unexpected `(` in shell text"),
        ("echo $(\\\n({} a)); echo {}", "Doubt, Doubt"),
        ("echo $\\\n{x} {}; a |\\\nb {}", "Doubt, Doubt"),
        ("a |\\\n b {}; a && \\\n b {}", "bare-, bare-"),
        ("echo \"$x\\\n{}\"", "Doubt"),
        (
            "echo \"$(ca\\\nse x in x) {};; esac)\"",
            "Doubt, 0:21 shell text is not complete, or a word in it is out of place",
        ),
        ("echo $\"{}\" {}", "AfterDollar, bare"),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
}
