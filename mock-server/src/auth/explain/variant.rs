//! The ways in which one part of a signature may have been made.

/// What a client did wrong, and what to do instead: one plain sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) cause: String,
    pub(super) remedy: &'static str,
}

/// One value of a part of a signature.
#[derive(Clone, Debug)]
pub(super) struct Variant<T> {
    pub(super) value: T,
    /// `None` if the value is right.
    pub(super) mistake: Option<Mistake>,
    /// Whether it is only tried alone, or together with one of the likeliest wrong keys.
    pub(super) is_rare: bool,
}

/// All values that are tried for one part, the likeliest first. No value occurs twice.
#[derive(Clone, Debug)]
pub(super) struct Variants<T>(Vec<Variant<T>>);

impl<T: PartialEq> Variants<T> {
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn right(value: T) -> Self {
        let mut variants = Self::none();
        variants.push(value, None, false);
        variants
    }

    /// Another value that is right as well.
    pub(super) fn add_right(&mut self, value: T) {
        self.push(value, None, false);
    }

    /// A likely mistake, also tried together with others.
    pub(super) fn add(&mut self, value: T, cause: impl Into<String>, remedy: &'static str) {
        let cause = cause.into();
        self.push(value, Some(Mistake { cause, remedy }), false);
    }

    /// A rare mistake: see [`Variant::is_rare`].
    pub(super) fn add_rare(&mut self, value: T, cause: impl Into<String>, remedy: &'static str) {
        let cause = cause.into();
        self.push(value, Some(Mistake { cause, remedy }), true);
    }

    fn push(&mut self, value: T, mistake: Option<Mistake>, is_rare: bool) {
        if self.0.iter().all(|known| known.value != value) {
            self.0.push(Variant {
                value,
                mistake,
                is_rare,
            });
        }
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Variant<T>> {
        self.0.iter()
    }

    pub(super) fn get(&self, index: usize) -> &Variant<T> {
        &self.0[index]
    }
}
