CREATE TABLE items (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  price_cents integer NOT NULL CHECK (price_cents >= 0)
);

INSERT INTO items (name, price_cents) VALUES
  ('Sail cloth, 1 m', 1250),
  ('Hemp rope, 10 m', 899),
  ('Brass compass', 4900);
