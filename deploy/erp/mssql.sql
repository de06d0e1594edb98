CREATE TABLE pay_gl_journal (
    source_ref VARCHAR(64) NOT NULL,
    content_sha256 VARCHAR(64) NOT NULL,
    posting_date DATE NOT NULL,
    fund VARCHAR(20) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    line_count INTEGER NOT NULL,
    total_debit NUMERIC(18, 2) NOT NULL,
    total_credit NUMERIC(18, 2) NOT NULL,
    PRIMARY KEY (source_ref),
    CONSTRAINT pay_gl_balanced CHECK (total_debit = total_credit)
);
CREATE TABLE pay_gl_line (
    source_ref VARCHAR(64) NOT NULL,
    line_no INTEGER NOT NULL,
    account VARCHAR(40) NOT NULL,
    ledger_account VARCHAR(4) NOT NULL,
    party VARCHAR(40) NULL,
    lease VARCHAR(20) NULL,
    event VARCHAR(40) NOT NULL,
    reference VARCHAR(120) NOT NULL,
    debit NUMERIC(18, 2) NOT NULL,
    credit NUMERIC(18, 2) NOT NULL,
    PRIMARY KEY (source_ref, line_no),
    CONSTRAINT pay_gl_one_side CHECK ((debit > 0 AND credit = 0) OR (credit > 0 AND debit = 0)),
    FOREIGN KEY(source_ref) REFERENCES pay_gl_journal (source_ref)
);
