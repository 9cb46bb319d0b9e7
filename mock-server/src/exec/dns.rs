//! Names inside a namespace: the service's are this server, no other exists.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
    time::Duration,
};

use simple_dns::{
    CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE,
    rdata::{A, RData},
};
use upyun_client::protocol::host;

use crate::leaks::{How, Leak, Leaks, who};

/// Answers questions until the process ends.
pub(crate) fn answer(socket: UdpSocket, leaks: &Leaks) -> io::Result<()> {
    let leaks = leaks.clone();
    let thread = std::thread::Builder::new().name("upyun-mock dns".into());
    thread.spawn(move || {
        let mut question = [0; 1500];
        while let Ok((length, asker)) = socket.recv_from(&mut question) {
            let Ok(packet) = Packet::parse(&question[..length]) else {
                continue;
            };
            let (answer, stranger) = reply(&packet);
            if let Some(target) = stranger {
                let who = who(asker, true);
                // The emulator asks for the hosts of callbacks, which are not the program's doing.
                if who.as_ref().is_none_or(|who| !who.is_this_process()) {
                    leaks.note(Leak {
                        target,
                        how: How::Resolved,
                        who,
                    });
                }
            }
            if let Ok(answer) = answer.build_bytes_vec() {
                let _ = socket.send_to(&answer, asker);
            }
        }
    })?;
    Ok(())
}

/// Answers questions by TCP until the process ends, one a connection.
pub(crate) fn answer_by_tcp(listener: TcpListener, leaks: &Leaks) -> io::Result<()> {
    let leaks = leaks.clone();
    let thread = std::thread::Builder::new().name("upyun-mock dns".into());
    thread.spawn(move || {
        for stream in listener.incoming().flatten() {
            let leaks = leaks.clone();
            // A resolver that says nothing must not keep the others waiting.
            let answering = std::thread::Builder::new().spawn(move || {
                // Whoever asked wrongly gets no answer.
                let _ = answer_stream(stream, &leaks);
            });
            if answering.is_err() {
                tracing::error!("a name could not be answered");
            }
        }
    })?;
    Ok(())
}

/// Answers the questions of a connection, each of which has its length before it.
fn answer_stream(mut stream: TcpStream, leaks: &Leaks) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let peer = stream.peer_addr()?;
    let mut asker = None;
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut question = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut question)?;
        // It is told before the question can be sent, not before the connection is here.
        asker = asker.or_else(|| leaks.asker(peer.port()));
        let packet = Packet::parse(&question).map_err(io::Error::other)?;
        let (answer, stranger) = reply(&packet);
        if let Some(target) = stranger {
            leaks.note(Leak {
                target,
                how: How::Resolved,
                who: asker.clone().or_else(|| who(peer, false)),
            });
        }
        let answer = answer.build_bytes_vec().map_err(io::Error::other)?;
        let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
        stream.write_all(&[&length.to_be_bytes()[..], &answer].concat())?;
    }
}

/// The answer, and the name that is none of ours.
fn reply<'a>(question: &Packet<'a>) -> (Packet<'a>, Option<String>) {
    let mut answer = Packet::new_reply(question.id());
    answer.set_flags(PacketFlag::RECURSION_AVAILABLE | PacketFlag::AUTHORITATIVE_ANSWER);
    answer.questions.clone_from(&question.questions);
    let mut stranger = None;
    for question in &question.questions {
        let name = question.qname.to_string();
        let name = name.trim_end_matches('.');
        let is_ours = host::is_upyun(name) || name.eq_ignore_ascii_case("localhost");
        if !is_ours {
            *answer.rcode_mut() = RCODE::NameError;
            stranger = Some(name.to_owned());
        } else if question.qtype == QTYPE::TYPE(TYPE::A) {
            let address = RData::A(A::from(Ipv4Addr::LOCALHOST));
            let name = question.qname.clone();
            answer
                .answers
                .push(ResourceRecord::new(name, CLASS::IN, 1, address));
        }
    }
    (answer, stranger)
}

#[cfg(test)]
mod tests {
    use simple_dns::{Name, QCLASS, Question};

    use super::*;

    #[test]
    fn the_services_names_are_here_and_no_others() {
        let ask = |name: &str, kind: TYPE| {
            let mut packet = Packet::new_query(7);
            let name = Name::new(name).unwrap().into_owned();
            let kind = QTYPE::TYPE(kind);
            packet
                .questions
                .push(Question::new(name, kind, QCLASS::CLASS(CLASS::IN), false));
            let (answer, stranger) = reply(&packet);
            (answer.answers.len(), answer.rcode(), stranger)
        };
        assert_eq!(ask("v0.api.upyun.com", TYPE::A), (1, RCODE::NoError, None));
        assert_eq!(
            ask("v0.api.upyun.com", TYPE::AAAA),
            (0, RCODE::NoError, None)
        );
        assert_eq!(
            ask("any.b0.upaiyun.com", TYPE::A),
            (1, RCODE::NoError, None)
        );
        let stranger = Some("example.com".to_owned());
        assert_eq!(ask("example.com", TYPE::A), (0, RCODE::NameError, stranger));
    }
}
