using Funion.Private.Onnx;

namespace Funion.Private.Networks;

/// <summary>
/// Polynomials of degree two, however a file writes them: Mul and Pow, Add and Sub with scalars, sums of such. They are kept as coefficients of the value that they
/// are of, and become a layer when something else takes them.
/// </summary>
sealed partial class NetworkBuilder
{
    readonly Dictionary<string, Polynomial> _polynomials = new(StringComparer.Ordinal);

    void Multiply(OnnxNode node)
    {
        if (Scalar(node, 0) is { } left && TermOf(node, 1) is { } first)
        {
            Keep(node, first.Times(left));
        }
        else if (Scalar(node, 1) is { } right && TermOf(node, 0) is { } second)
        {
            Keep(node, second.Times(right));
        }
        else if (TermOf(node, 0) is { } one && TermOf(node, 1) is { } other)
        {
            Keep(node, one.IsOf(other) ? one.Times(other) : null);
        }
        else
        {
            Refuse(node, "that is no part of a quadratic polynomial of one value with constant coefficients");
        }
    }

    void Power(OnnxNode node)
    {
        if (Scalar(node, 1) is 2 && TermOf(node, 0) is { } term)
        {
            Keep(node, term.Times(term));
            return;
        }
        Refuse(node, "that is no square");
    }

    void Subtract(OnnxNode node)
    {
        if (Scalar(node, 1) is { } constant && TermOf(node, 0) is { } minuend)
        {
            Keep(node, minuend.Plus(-constant));
        }
        else if (Scalar(node, 0) is { } from && TermOf(node, 1) is { } subtrahend)
        {
            Keep(node, subtrahend.Times(-1).Plus(from));
        }
        else if (TermOf(node, 0) is { } one && TermOf(node, 1) is { } other && one.IsOf(other))
        {
            Keep(node, one.Plus(other.Times(-1)));
        }
        else
        {
            Refuse(node, "that is no part of a quadratic polynomial of one value with constant coefficients");
        }
    }

    /// <summary>A sum that is part of a polynomial; false when it is something else.</summary>
    bool AddsToPolynomial(OnnxNode node)
    {
        bool left = _polynomials.ContainsKey(node.Input(0) ?? ""), right = _polynomials.ContainsKey(node.Input(1) ?? "");
        if (!left && !right)
        {
            return false;
        }
        if ((Scalar(node, 0) ?? Scalar(node, 1)) is { } constant && TermOf(node, left ? 0 : 1) is { } term)
        {
            Keep(node, term.Plus(constant));
            return true;
        }
        if (TermOf(node, 0) is { } one && TermOf(node, 1) is { } other && one.IsOf(other))
        {
            Keep(node, one.Plus(other));
            return true;
        }
        return false;
    }

    /// <summary>Makes the layer of a polynomial that something takes; null when there is none under that name, or it is no layer.</summary>
    NamedValue? Materialise(OnnxNode? node, string name)
    {
        if (!_polynomials.Remove(name, out Polynomial? term))
        {
            return null;
        }
        if (term.Square == 0)
        {
            Refuse(name, "which scales a value by itself");
            return null;
        }
        FloatQuadratic layer = new(name, term.Of.Value, term.Of.Shape, (float)term.Square, (float)term.Linear, (float)term.Constant);
        if (!float.IsFinite(layer.Square) || !float.IsFinite(layer.Linear) || !float.IsFinite(layer.Constant) || layer.Square == 0)
        {
            Refuse(name, "a polynomial with coefficients that are no finite floats");
            return null;
        }
        if (node is not null && !Affords(node, layer))
        {
            return null;
        }
        _layers.Add(layer);
        return _values[name] = new NamedValue(_layers.Count, layer.Output, term.Of.Picture);
    }

    void Refuse(string name, string why)
    {
        if (_problems.Count < MaxProblems)
        {
            _problems.Add($"'{NetworkReader.Short(name)}', {why}");
        }
    }

    /// <summary>An input as a polynomial: one that is there, or the value itself.</summary>
    Polynomial? TermOf(OnnxNode node, int input)
    {
        string? name = node.Input(input);
        return name is not null && _polynomials.TryGetValue(name, out Polynomial? term) ? term
            : name is not null && _values.TryGetValue(name, out NamedValue? value) ? new Polynomial(value, 0, 1, 0) : null;
    }

    /// <summary>A constant of one element.</summary>
    double? Scalar(OnnxNode node, int input) =>
        node.Input(input) is { } name && _constants.TryGetValue(name, out OnnxTensor? tensor) && !tensor.Other && tensor.Dimensions.Length <= 2
            ? tensor.Floats is [var one] && float.IsFinite(one) ? one : tensor.Integers is [var whole] && tensor.Floats.Length == 0 ? whole : null
            : null;

    void Keep(OnnxNode node, Polynomial? term)
    {
        if (term is null)
        {
            Refuse(node, "that is no part of a quadratic polynomial of one value with constant coefficients");
            return;
        }
        _polynomials[node.Outputs[0]] = term;
    }

    /// <summary>Square·x² + Linear·x + Constant of a value x.</summary>
    sealed record Polynomial(NamedValue Of, double Square, double Linear, double Constant)
    {
        /// <summary>One value under two names is one value.</summary>
        public bool IsOf(Polynomial other) => Of.Value == other.Of.Value && Of.Shape == other.Of.Shape && Of.Picture == other.Of.Picture;

        public Polynomial Plus(double constant) => this with { Constant = Constant + constant };

        public Polynomial Plus(Polynomial other) => new(Of, Square + other.Square, Linear + other.Linear, Constant + other.Constant);

        public Polynomial Times(double factor) => new(Of, Square * factor, Linear * factor, Constant * factor);

        /// <summary>Null where the degree is above two.</summary>
        public Polynomial? Times(Polynomial other)
        {
            bool flat = Square == 0 && Linear == 0, otherFlat = other.Square == 0 && other.Linear == 0;
            if ((Square != 0 && !otherFlat) || (other.Square != 0 && !flat))
            {
                return null;
            }
            return new Polynomial(
                Of, (Square * other.Constant) + (Linear * other.Linear) + (Constant * other.Square), (Linear * other.Constant) + (Constant * other.Linear),
                Constant * other.Constant);
        }
    }
}
