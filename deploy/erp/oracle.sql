CREATE TABLE pay_gl_journal (
    source_ref VARCHAR2(64 CHAR) NOT NULL,
    content_sha256 VARCHAR2(64 CHAR) NOT NULL,
    posting_date DATE NOT NULL,
    fund VARCHAR2(20 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    line_count INTEGER NOT NULL,
    total_debit NUMERIC(18, 2) NOT NULL,
    total_credit NUMERIC(18, 2) NOT NULL,
    PRIMARY KEY (source_ref),
    CONSTRAINT pay_gl_balanced CHECK (total_debit = total_credit)
);
CREATE TABLE pay_gl_line (
    source_ref VARCHAR2(64 CHAR) NOT NULL,
    line_no INTEGER NOT NULL,
    account VARCHAR2(40 CHAR) NOT NULL,
    ledger_account VARCHAR2(4 CHAR) NOT NULL,
    party VARCHAR2(40 CHAR),
    lease VARCHAR2(20 CHAR),
    event VARCHAR2(40 CHAR) NOT NULL,
    reference VARCHAR2(120 CHAR) NOT NULL,
    debit NUMERIC(18, 2) NOT NULL,
    credit NUMERIC(18, 2) NOT NULL,
    PRIMARY KEY (source_ref, line_no),
    CONSTRAINT pay_gl_one_side CHECK ((debit > 0 AND credit = 0) OR (credit > 0 AND debit = 0)),
    FOREIGN KEY(source_ref) REFERENCES pay_gl_journal (source_ref)
);
