//! Messages over streams of bytes: a header with the length, then JSON. A body that is no message is answered with an error, and the next
//! one is read; only a header that cannot be understood ends the conversation, for nobody knows where the next one begins.
use std::io::{self, BufRead, Write};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use lsp_server::Message;
use serde_json::{Value, json};

/// The longest message that is read, in bytes.
const MESSAGE_BYTES_MAX: usize = 256 << 20;

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message.
    Message(Message),
    /// A body that is none, with why.
    Malformed(String),
}

/// What goes out.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A message.
    Message(Message),
    /// The answer to a body that is no message.
    Malformed(String),
}

/// The threads that read and write this process's streams.
pub(crate) fn stdio() -> (Receiver<Incoming>, Sender<Outgoing>, thread::JoinHandle<io::Result<()>>) {
    let (sender, incoming) = bounded(64);
    // The reader ends with its stream; nobody waits for it.
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(Some(body)) = read_message(&mut input) {
            if sender.send(parse(&body)).is_err() {
                break;
            }
        }
    });
    let (outgoing, receiver) = unbounded();
    let writer = thread::spawn(move || write_all(&receiver));
    (incoming, outgoing, writer)
}

fn write_all(receiver: &Receiver<Outgoing>) -> io::Result<()> {
    let mut output = io::stdout().lock();
    for message in receiver {
        match message {
            Outgoing::Message(message) => message.write(&mut output)?,
            Outgoing::Malformed(why) => {
                let error = json!({ "code": -32700, "message": why });
                let body = json!({ "jsonrpc": "2.0", "id": Value::Null, "error": error }).to_string();
                write_message(&mut output, &body)?;
            }
        }
    }
    Ok(())
}

fn parse(body: &[u8]) -> Incoming {
    match serde_json::from_slice(body) {
        Ok(message) => Incoming::Message(message),
        Err(error) => Incoming::Malformed(format!("not a message: {error}")),
    }
}

/// Reads the body of one message; `None` at the end of the stream.
///
/// # Errors
/// The stream's, and a header without a length or with one that is too large.
pub fn read_message(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            // Blank lines before a header harm nobody.
            match length {
                Some(_) => break,
                None => continue,
            }
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(wrong(format!("no header: {line:?}")));
        };
        if name.eq_ignore_ascii_case("content-length") {
            let parsed = value.trim().parse::<usize>().map_err(|error| wrong(error.to_string()))?;
            length = Some(parsed);
        }
    }
    let length = length.unwrap_or(0);
    if length > MESSAGE_BYTES_MAX {
        return Err(wrong(format!("a message of {length} bytes")));
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(Some(body))
}

/// Writes one message with its header.
///
/// # Errors
/// The stream's.
pub fn write_message(output: &mut impl Write, body: &str) -> io::Result<()> {
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_one_after_the_other() {
        let mut bytes = Vec::new();
        write_message(&mut bytes, "{\"a\":1}").unwrap();
        bytes.extend(b"content-length: 2\r\nContent-Type: x\r\n\r\n{}");
        let mut input = bytes.as_slice();
        assert_eq!(read_message(&mut input).unwrap().unwrap(), b"{\"a\":1}");
        assert_eq!(read_message(&mut input).unwrap().unwrap(), b"{}");
        assert!(read_message(&mut input).unwrap().is_none());
        assert!(read_message(&mut &b"GET / HTTP/1.1\r\n\r\n"[..]).is_err());
        assert!(read_message(&mut &b"Content-Length: 99999999999\r\n\r\n"[..]).is_err());
        assert!(read_message(&mut &b"Content-Length: 5\r\n\r\n{"[..]).is_err());
    }
}
