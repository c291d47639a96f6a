{#
  GELU (Hendrycks and Gimpel 2016), in double precision.

    gelu        x P(X <= x) = max(x, 0) - |x| erfc(|x| / sqrt 2) / 2
    gelu_tanh   x / (1 + exp(-2 sqrt(2/pi) (x + 0.044715 x^3))), its approximation by tanh

  No engine here has erf: erfc(z) = t p(t) exp(-z^2) with t = 1 / (1 + 0.35 z) and a polynomial of
  degree 9 that was fitted at Chebyshev nodes; its error is below 6e-9 (tests/python/kernels).
#}
{% macro gelu(x, t=none) -%}
{%- set t = t or hartonomous.gelu_argument(x) -%}
cast(
    greatest({{ x }}, 0)
    - 0.5e0 * abs({{ x }}) * exp(-0.5e0 * {{ x }} * {{ x }}) * {{ hartonomous.horner(t, [
        0.1974663383334045, 0.19746988490126463, 0.185241876367525, 0.16303304583870026,
        0.1136920878074094, 0.1433960336527518, -0.09063696266547987, 0.22499985818439405,
        -0.17592255160129205, 0.04126039298372949,
    ]) }} * {{ t }}
    as {{ hartonomous.sql_type('float') }}
)
{%- endmacro %}

{# t of the polynomial over |x| / sqrt 2; computed once where a statement can name it. #}
{% macro gelu_argument(x) -%}
(1 / (1 + 0.24748737341529164e0 * abs({{ x }})))
{%- endmacro %}

{% macro gelu_tanh(x) -%}
cast({{ x }} / (1 + exp(-1.5957691216057308e0 * ({{ x }} + 0.044715e0 * {{ x }} * {{ x }} * {{ x }}))) as {{ hartonomous.sql_type('float') }})
{%- endmacro %}

{# c0 + t (c1 + t (c2 + ...)); every number a double literal, for a decimal would overflow. #}
{% macro horner(t, coefficients) -%}
    {%- for coefficient in coefficients -%}
        ({{ '%r' | format(coefficient) }}e0{{ ' + ' ~ t ~ ' * ' if not loop.last }}
    {%- endfor -%}
    {{ ')' * (coefficients | length) }}
{%- endmacro %}
