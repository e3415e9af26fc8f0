-- Comparisons of VARCHAR ignore trailing blanks, as in Redshift ("Character types", "LIKE"): =, <>, <, BETWEEN, IN, joins,
-- GROUP BY, DISTINCT, ORDER BY, set operations, windows, COUNT(DISTINCT). LIKE, LENGTH and || do not.
-- PostgreSQL's bpchar compares that way and has the same form in memory as text, so in this database the operators, the
-- sort order and the hashes of text are bpchar's. No operator that a query names can do this for GROUP BY or DISTINCT,
-- and no collation ignores blanks only at the end.
SET search_path = pg_catalog;

UPDATE pg_operator o SET oprcode = b.oprcode FROM pg_operator b
  WHERE o.oprname IN ('=', '<>', '<', '<=', '>', '>=') AND o.oprleft = 'text'::regtype AND o.oprright = 'text'::regtype
    AND b.oprname = o.oprname AND b.oprleft = 'bpchar'::regtype AND b.oprright = 'bpchar'::regtype AND o.oprcode <> b.oprcode;

-- Sort order and hashes.
UPDATE pg_amproc p SET amproc = b.amproc FROM pg_amproc b, pg_opfamily f, pg_opfamily bf
  WHERE f.oid = p.amprocfamily AND f.opfname = 'text_ops' AND p.amproclefttype = 'text'::regtype AND p.amprocrighttype = 'text'::regtype
    AND bf.oid = b.amprocfamily AND bf.opfname = 'bpchar_ops' AND b.amproclefttype = 'bpchar'::regtype AND b.amprocrighttype = 'bpchar'::regtype
    AND bf.opfmethod = f.opfmethod AND b.amprocnum = p.amprocnum AND f.opfmethod IN (SELECT oid FROM pg_am WHERE amname IN ('btree', 'hash'))
    AND p.amproc <> b.amproc;
