//! The examples of README and guide are run as they stand.
//!
//! In a page, a `yaml` block whose first line is `# NAME.yaml` is a file. The commands behind `$ ` in a `console` block run with the files above
//! them: `tidegate …` is the program, `curl …` asks a gateway that serves `tidegate.yaml`. The lines below a command must be in what it prints, in
//! this order and without a gap; `...` stands for any lines. Header fields are sorted before they are compared. A block without `$ ` is not run.
//! `NAME=value` gives a word that the commands below it write as `$NAME`.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use crate::serve::{Gateway, PATIENCE, address};
use crate::support::{program, root};

/// What the pages call the gateway's and the upstream's addresses.
const GATEWAY: &str = "127.0.0.1:8080";
const ADMIN: &str = "127.0.0.1:9090";
pub(crate) const UPSTREAM: &str = "127.0.0.1:3000";

#[test]
fn every_example_of_the_guide_does_what_it_says() {
    let mut pages = vec![root().join("README.md")];
    let guide = std::fs::read_dir(root().join("docs/guide")).unwrap();
    pages.extend(
        guide.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "md")),
    );
    pages.sort();
    let (mut ran, mut wrong) = (0, Vec::new());
    for page in pages {
        ran += run_page(&page, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(ran > 25, "only {ran} commands were found: the pages are not read as they should be");
}

fn run_page(page: &Path, wrong: &mut Vec<String>) -> usize {
    let text = std::fs::read_to_string(page).unwrap();
    let upstream = upstream();
    let mut files = BTreeMap::new();
    // The README begins with the example at the root.
    files.insert("tidegate.yaml".to_owned(), std::fs::read_to_string(root().join("tidegate.yaml")).unwrap());
    let mut gateway: Option<(Gateway, String)> = None;
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut ran = 0;
    for (language, block) in blocks(&text) {
        match language {
            "yaml" => {
                let first = block.lines().next().unwrap_or_default();
                if let Some(name) = first.strip_prefix("# ").filter(|name| name.ends_with(".yaml")) {
                    files.insert(name.to_owned(), block.replace(UPSTREAM, &upstream));
                    gateway = None;
                }
            }
            "console" => {
                for (command, expected) in commands(&block) {
                    if let Some((name, value)) = assignment(&command) {
                        variables.push((format!("${name}"), value.to_owned()));
                        continue;
                    }
                    ran += 1;
                    let told = variables.iter().fold(command.clone(), |told, (name, value)| told.replace(name, value));
                    let words = split(&told);
                    let printed = if words[0] == "curl" {
                        let (_, serving) = gateway.get_or_insert_with(|| serve(&files["tidegate.yaml"]));
                        curl(&words[1..], serving)
                    } else {
                        tidegate(&words, &files, expected.iter().any(|line| line.contains("error")))
                    };
                    if let Err(why) = compare(&expected, &printed) {
                        wrong.push(format!(
                            "{}: $ {command}\n{why}\n--- printed:\n{}",
                            page.display(),
                            printed.join("\n")
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    ran
}

/// Language and text of each fenced block, without the indentation of the fence.
pub(crate) fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut open: Option<(&str, usize, String)> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => open = Some((language, indent, String::new())),
            (None, None) => {}
            (Some(_), Some(_)) => found.extend(open.take().map(|(language, _, block)| (language, block))),
            (Some((_, indent, block)), None) => {
                block.push_str(line.get(*indent..).unwrap_or_default());
                block.push('\n');
            }
        }
    }
    found
}

fn commands(block: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push((command.to_owned(), Vec::new())),
            (None, Some((_, expected))) => expected.push(line.to_owned()),
            (None, None) => {}
        }
    }
    found
}

/// Name and value, if a command is nothing else.
fn assignment(command: &str) -> Option<(&str, &str)> {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase());
    command.split_once('=').filter(|(name, _)| is_name(name))
}

/// Words of a command line, single and double quotes understood.
fn split(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in command.chars() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ' ') => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            _ => word.push(character),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

fn serve(config: &str) -> (Gateway, String) {
    let mut config = config.replace(GATEWAY, "127.0.0.1:0").replace(ADMIN, "127.0.0.1:0");
    if !config.contains("\nnative:") {
        config.push_str("\nnative: {admin: '127.0.0.1:0', listeners: [{address: '127.0.0.1:0'}]}\n");
    }
    let mut gateway = Gateway::start(&config);
    let serving = address(&gateway.wait_for("listening"));
    gateway.wait_for("Ctrl-C stops");
    (gateway, serving)
}

fn tidegate(words: &[String], files: &BTreeMap<String, String>, may_fail: bool) -> Vec<String> {
    assert_eq!(words[0], "tidegate", "only curl and tidegate can be run");
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let output = program().current_dir(folder.path()).args(&words[1..]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() || may_fail, "{words:?} failed:\n{text}");
    text.lines().map(str::to_owned).collect()
}

/// Does what curl would do with `-i`, `-H`, `-X`, `-d` and a URL, and prints as `-i` does.
fn curl(words: &[String], serving: &str) -> Vec<String> {
    let (mut method, mut fields, mut body, mut url) = (None, Vec::new(), None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-i" => {}
            "-H" => fields.push(words.next().unwrap().clone()),
            "-X" => method = words.next().cloned(),
            "-d" => body = words.next().cloned(),
            other => url = Some(other.to_owned()),
        }
    }
    let url = url.unwrap();
    let path = url
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_prefix(GATEWAY))
        .unwrap_or_else(|| panic!("{url} is not on {GATEWAY}"));
    let method = method.unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.to_owned());
    if !fields.iter().any(|field| field.to_ascii_lowercase().starts_with("host:")) {
        fields.push(format!("Host: {GATEWAY}"));
    }
    if let Some(body) = &body {
        fields.push(format!("Content-Length: {}", body.len()));
    }
    let mut stream = TcpStream::connect(serving).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{}\r\nConnection: close\r\n\r\n{}",
        fields.join("\r\n"),
        body.unwrap_or_default()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {request}: {answer}"));
    let mut head: Vec<String> = head.lines().map(str::to_owned).collect();
    head[1..].sort();
    head.push(String::new());
    head.extend(body.lines().map(str::to_owned));
    head
}

/// A server that answers with the request it got: its first line without the protocol, then its fields, sorted.
pub(crate) fn upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A connection that the gateway opened in advance may wait for its first request while others have theirs.
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn answer(stream: TcpStream) {
    let mut reader = BufReader::new(&stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.trim_end_matches(" HTTP/1.1").to_owned()),
        }
    }
    lines[1..].sort();
    let body = lines.join("\n") + "\n";
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    drop((&stream).write_all(answer.as_bytes()));
}

fn compare(expected: &[String], printed: &[String]) -> Result<(), String> {
    // A gap may be anywhere at the end: what comes after the last line is not told in a page.
    let (mut at, mut gap) = (0, false);
    for line in expected.iter().filter(|line| !line.is_empty()) {
        if line == "..." {
            gap = true;
            continue;
        }
        let found = printed[at..].iter().position(|printed| {
            printed.trim_end() == line.trim_end() || (line.starts_with("error[") && printed.contains(line))
        });
        match found {
            Some(0) => at += 1,
            Some(ahead) if gap => at += ahead + 1,
            Some(_) => return Err(format!("there are other lines before {line:?}; write `...` above it")),
            None => return Err(format!("the line {line:?} is not there, or not behind those above it")),
        }
        gap = false;
    }
    Ok(())
}
