//! What cannot be used is said at load, with its place.

use super::*;

#[test]
fn each_mistake_is_named_at_its_place() {
    let mut wrong = Vec::new();
    for (text, part, message, help) in [
        ("", "", "expected a value, found the end", ""),
        ("claims.sub = 'a'", "=", "`=` is no operator", "to compare write `==`"),
        ("true & false", "&", "`&` is no operator", "write `&&`"),
        ("clams.sub == 'a'", "clams", "there is no variable named `clams`", "did you mean `claims`?"),
        ("request.metod == 'GET'", "request.metod", "`request` has no field `metod`", "did you mean `request.method`?"),
        ("request == 1", "request", "`request` is no value by itself", "write `request.method`"),
        ("consumer.claims.sub == 'a'", "consumer.claims", "`consumer` has no field `claims`", "write `claims`"),
        (
            "identities.partnr.id == 'a'",
            "identities.partnr.id",
            "does not use an authenticator named `partnr`",
            "`partner`",
        ),
        ("request.method == 5", "request.method == 5", "`==` does not take a string and an int", ""),
        ("request.method", "request.method", "a condition is true or false, and this is a string", ""),
        ("size(claims)", "size(claims)", "a condition is true or false, and this is an int", ""),
        ("1 + 'a' == 2", "1 + 'a'", "`+` does not take an int and a string", ""),
        ("1 + 1.5 == 2.5", "1 + 1.5", "`+` does not take an int and a double", ""),
        ("!request.path", "request.path", "`!` wants a boolean, and this is a string", ""),
        ("true && 'a'", "'a'", "`&&` wants a boolean, and this is a string", ""),
        ("claims.sub.startWith('a')", "claims.sub.startWith('a')", "no function named `startWith`", "`startsWith`"),
        ("startsWith(claims.sub, 'a')", "startsWith(claims.sub, 'a')", "`startsWith` is a method", "x.startsWith(…)"),
        ("claims.sub.startsWith()", "claims.sub.startsWith()", "`startsWith` wants 1 argument, found 0", ""),
        ("claims.sub.startsWith(1)", "1", "`startsWith` does not take an int", ""),
        ("request.headers['X-Key'] == 'a'", "'X-Key'", "lower case", "write `\"x-key\"`"),
        ("'X-Key' in request.headers", "'X-Key'", "lower case", "write `\"x-key\"`"),
        ("claims.sub.matches(claims.x)", "claims.x", "stands in the expression as a text", ""),
        ("claims.sub.matches('(')", "'('", "", ""),
        ("has(claims)", "claims", "`has` wants a field", ""),
        ("has(claims['sub'])", "claims['sub']", "`has` wants a field", "\"key\" in map"),
        ("claims.groups.all(1, true)", "1", "`all` wants a name", ""),
        ("claims.groups.all(g)", "claims.groups.all(g)", "`all` wants 2 arguments, found 1", ""),
        ("claims.groups.all(g, 'a')", "'a'", "`all` wants a boolean", ""),
        ("request.path.all(c, true)", "request.path", "`all` wants a list or a map, and this is a string", ""),
        ("g == 1 && claims.groups.all(g, true)", "g", "there is no variable named `g`", ""),
        ("consumer.roles['x'] == 'a'", "'x'", "an index of a list is an int", ""),
        ("true true", "true", "expected an operator or the end, found `true`", ""),
        ("(true", "", "expected `)`, found the end", ""),
        ("[1, 2", "", "expected `]`, found the end", ""),
        ("{'a' 1} == {}", "1", "expected `:`, found `1`", ""),
        ("{1.5: 1} == {}", "1.5", "a key is a string, an int or a boolean, and this is a double", ""),
        ("'abc", "'", "its closing quote is missing", ""),
        ("'a\nb' == 'c'", "'", "no end on its line", ""),
        (r"'a\q' == 'a'", "\\", "this escape is not known", ""),
        (r"'\ud800' == 'a'", "\\", "names no character", ""),
        ("b'a' == 'a'", "b", "bytes are not known here", ""),
        ("1u == 1", "1u", "unsigned numbers are not known here", ""),
        ("12ab == 1", "12a", "neither a number nor a name", ""),
        ("9223372036854775808 > 0", "9223372036854775808", "64 bits", ""),
        ("99999999999999999999 > 0", "99999999999999999999", "64 bits", ""),
        ("1e999 > 0.0", "1e999", "too large", ""),
        ("claims.?sub == 'a'", "?", "optional fields are not known here", ""),
        ("claims.`a-b` == 'a'", "`", "names in backticks are not known here", ""),
        ("Foo{a: 1} == 1", "{", "messages are not known here", ""),
        ("while == 1", "while", "a word that CEL keeps for itself", ""),
        ("true ? 1", "", "expected `:`, found the end", ""),
        ("claims.sub == #", "#", "`#` means nothing here", ""),
        ("type(1) == int", "type(1)", "there is no function named `type`", ""),
    ] {
        let invalid = compile(text).expect_err(text);
        let right = text.get(invalid.at.clone()) == Some(part)
            && invalid.message.contains(message)
            && invalid.help.as_deref().unwrap_or_default().contains(help);
        if !right {
            wrong.push(format!("{text}: {invalid:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn comments_and_lines_are_blank() {
    assert_eq!(outcome("claims.level >= 3 // at least\n  && claims.admin // and\n"), "true");
}
