//! Rules that can be broken on purpose, one at a time, to see whether a harness notices.
//!
//! With the feature `mutants` only, and for tests of tests: a server that was built with
//! [`Builder::mutant`](crate::Builder::mutant) breaks one rule. Without the feature all of it is
//! compiled away.

macro_rules! mutants {
    ($($(#[$doc:meta])* $name:ident = $rule:literal,)*) => {
        /// A rule that is broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(
            not(feature = "mutants"),
            expect(unreachable_pub, reason = "public with the feature only")
        )]
        pub enum Mutant {
            $($(#[$doc])* $name,)*
        }

        #[cfg(feature = "mutants")]
        impl Mutant {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The rule, as it is when nothing is broken.
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$name => $rule,)*
                }
            }
        }
    };
}

mutants! {
    /// An upload keeps its Content-Type: not any more.
    PutLosesTheType = "an upload keeps its Content-Type",
    /// An upload keeps its metadata: not any more.
    PutLosesMetadata = "an upload keeps its metadata",
    /// A Content-MD5 that does not fit refuses the upload: not any more.
    PutIgnoresTheMd5 = "a Content-MD5 that does not fit refuses the upload",
    /// A Content-MD5 that does not fit has the code 40000006: not any more.
    PutMixesUpMd5Codes = "a Content-MD5 that does not fit has the code 40000006",
    /// An upload of a picture is answered with its facts: not any more.
    PutTellsNoFacts = "an upload of a picture is answered with its facts",
    /// An upload replaces what was there: not any more.
    OverwritesAreLost = "an upload replaces what was there",
    /// The last byte of a range belongs to it: not any more.
    RangesEndEarly = "the last byte of a range belongs to it",
    /// A Range is answered with 206: not any more.
    RangesAreIgnored = "a Range is answered with 206",
    /// Downloads carry an ETag: not any more.
    NoETag = "downloads carry an ETag",
    /// Downloads and infos carry the metadata: not any more.
    MetadataIsNotTold = "downloads and infos carry the metadata",
    /// If-None-Match with the same ETag is answered with 304: not any more.
    IfNoneMatchIsIgnored = "If-None-Match with the same ETag is answered with 304",
    /// If-Match with another ETag is answered with 412: not any more.
    IfMatchIsIgnored = "If-Match with another ETag is answered with 412",
    /// The info of a folder says that it is one: not any more.
    FoldersAreFiles = "the info of a folder says that it is one",
    /// The info of a file tells its size: not any more.
    SizesAreOffByOne = "the info of a file tells its size",
    /// Deleting what is not there is 404: not any more.
    DeletingNothingSucceeds = "deleting what is not there is 404",
    /// An asynchronous deletion deletes: not any more.
    LateDeletionsAreLost = "an asynchronous deletion deletes",
    /// An asynchronous deletion is answered with 200 whatever is there: not any more.
    LateDeletionsAreNotLate = "an asynchronous deletion is answered with 200 whatever is there",
    /// The header folder is true or refused: not any more.
    AnyFolderHeaderWillDo = "the header folder is true or refused",
    /// Usage is the sum of the sizes: not any more.
    UsageIsDoubled = "usage is the sum of the sizes",
    /// Lists are in ascending order: not any more.
    ListsGoDown = "lists are in ascending order",
    /// Pages follow one another without a gap: not any more.
    PagesSkipAnEntry = "pages follow one another without a gap",
    /// A page has no more entries than asked for: not any more.
    LimitsAreIgnored = "a page has no more entries than asked for",
    /// Lists in JSON tell the types of files: not any more.
    ListsTellNoTypes = "lists in JSON tell the types of files",
    /// Merging metadata keeps what is not named: not any more.
    MergesReplace = "merging metadata keeps what is not named",
    /// Copies keep the metadata: not any more.
    CopiesLoseMetadata = "copies keep the metadata",
    /// A move leaves nothing at the source: not any more.
    MovesCopy = "a move leaves nothing at the source",
    /// An object is not copied to itself: not any more.
    CopiesToThemselves = "an object is not copied to itself",
    /// Deleted metadata is gone: not any more.
    MetadataCannotBeDeleted = "deleted metadata is gone",
    /// An object with a ttl is gone after it: not any more.
    LivesNeverEnd = "an object with a ttl is gone after it",
    /// Answers may be read by pages of any origin: not any more.
    NoPageMayRead = "answers may be read by pages of any origin",
    /// Errors carry X-Error-Code: not any more.
    NoErrorCodeHeader = "errors carry X-Error-Code",
    /// The id of an error is that of X-Request-Id: not any more.
    IdsDiffer = "the id of an error is that of X-Request-Id",
    /// A date may be off by 30 minutes: not any more.
    AnyDateWillDo = "a date may be off by 30 minutes",
    /// An unknown operator has the code 40100006: not any more.
    StrangersHaveWrongSignatures = "an unknown operator has the code 40100006",
    /// Basic needs the password: not any more.
    BasicTakesAnyPassword = "Basic needs the password",
    /// Tokens expire: not any more.
    TokensNeverExpire = "tokens expire",
    /// Tokens are good for their prefix and postfix: not any more.
    TokensFitAnywhere = "tokens are good for their prefix and postfix",
    /// The method is signed: not any more.
    EveryMethodIsGet = "the method is signed",
    /// A Content-MD5 is signed: not any more.
    Md5sNeedNoSignature = "a Content-MD5 is signed",
    /// A read-only service is not written: not any more.
    ReadOnlyIsWritten = "a read-only service is not written",
    /// Writing needs the right to write: not any more.
    AnybodyWrites = "writing needs the right to write",
    /// Deleting needs the right to delete: not any more.
    AnybodyDeletes = "deleting needs the right to delete",
    /// Reading needs the right to read: not any more.
    AnybodyReads = "reading needs the right to read",
    /// A part size is a multiple of 1 MiB: not any more.
    PartSizesMayBeOdd = "a part size is a multiple of 1 MiB",
    /// Ordered parts come one after the other: not any more.
    AnyPartIsNext = "ordered parts come one after the other",
    /// A part is not taken twice: not any more.
    PartsAreTakenTwice = "a part is not taken twice",
    /// Answers tell the next part: not any more.
    NextPartIsWrong = "answers tell the next part",
    /// An upload with a gap is not completed: not any more.
    GapsAreCompleted = "an upload with a gap is not completed",
    /// X-Upyun-Multi-MD5 must fit the whole: not any more.
    WholeMd5sAreIgnored = "X-Upyun-Multi-MD5 must fit the whole",
    /// The object has the metadata of its beginning: not any more.
    CompletionLosesMetadata = "the object has the metadata of its beginning",
    /// A cancelled upload is gone: not any more.
    CancelledUploadsStay = "a cancelled upload is gone",
    /// An unfinished upload lives 24 hours: not any more.
    UploadsLiveForever = "an unfinished upload lives 24 hours",
    /// Policies expire: not any more.
    PoliciesNeverExpire = "policies expire",
    /// Content-length-range has an upper end: not any more.
    FormsMayBeLarge = "content-length-range has an upper end",
    /// Allow-file-type is checked: not any more.
    AnyFileTypeIsAllowed = "allow-file-type is checked",
    /// Content-md5 of a policy is checked: not any more.
    FormMd5sAreIgnored = "content-md5 of a policy is checked",
    /// Placeholders of a save-key are filled in: not any more.
    PlaceholdersStay = "placeholders of a save-key are filled in",
    /// Ext-param comes back: not any more.
    ExtParamIsLost = "ext-param comes back",
    /// Return-url is where the browser is sent: not any more.
    NobodyReturns = "return-url is where the browser is sent",
    /// Callbacks are signed: not any more.
    CallbacksAreUnsigned = "callbacks are signed",
    /// A callback that fails is tried again: not any more.
    CallbacksAreTriedOnce = "a callback that fails is tried again",
    /// URLs of other domains are told as invalid: not any more.
    AnyUrlIsPurged = "URLs of other domains are told as invalid",
    /// The signature of a purge is checked: not any more.
    PurgesNeedNoSignature = "the signature of a purge is checked",
    /// A purge has at most 600 URLs: not any more.
    PurgesHaveNoLimit = "a purge has at most 600 URLs",
    /// A submission has at most ten tasks: not any more.
    AnyNumberOfTasks = "a submission has at most ten tasks",
    /// A failed task has the progress -1: not any more.
    FailuresLookDone = "a failed task has the progress -1",
    /// The result of a task can be asked for: not any more.
    ResultsAreForgotten = "the result of a task can be asked for",
    /// Computed sides are rounded half up: not any more.
    SidesAreRoundedDown = "computed sides are rounded half up",
    /// Nothing is enlarged unless it is forced: not any more.
    PicturesGrow = "nothing is enlarged unless it is forced",
    /// A crop begins where its gravity says: not any more.
    GravityIsIgnored = "a crop begins where its gravity says",
    /// The facts of a picture are those of what is stored: not any more.
    FactsAreOfTheUpload = "the facts of a picture are those of what is stored",
    /// A result is dropped when its object changes: not any more.
    ResultsAreStale = "a result is dropped when its object changes",
    /// An object with a secret is not read without it: not any more.
    SecretsAreOpen = "an object with a secret is not read without it",
    /// _upd makes a download of it: not any more.
    UpdIsIgnored = "_upd makes a download of it",
}

#[cfg(feature = "mutants")]
thread_local! {
    // Every server has threads of its own, so this is a setting of the server that needs to be handed
    // through nothing.
    static BROKEN: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

/// Breaks a rule on this thread.
#[cfg(feature = "mutants")]
pub(crate) fn break_on_this_thread(mutant: Option<Mutant>) {
    BROKEN.set(mutant);
}

/// The rule that is broken on this thread, for threads that it starts.
pub(crate) fn here() -> Option<Mutant> {
    #[cfg(feature = "mutants")]
    return BROKEN.get();
    #[cfg(not(feature = "mutants"))]
    None
}

/// Breaks what is broken on the thread that started this one.
pub(crate) fn break_here(mutant: Option<Mutant>) {
    #[cfg(feature = "mutants")]
    BROKEN.set(mutant);
    #[cfg(not(feature = "mutants"))]
    let _ = mutant;
}

/// Whether this rule is broken.
#[cfg(feature = "mutants")]
pub(crate) fn is(mutant: Mutant) -> bool {
    BROKEN.get() == Some(mutant)
}

/// Whether this rule is broken: it is not.
#[cfg(not(feature = "mutants"))]
pub(crate) const fn is(_: Mutant) -> bool {
    false
}
