using Funion.Private.Onnx;
using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>One method for every operator.</summary>
sealed partial class NetworkBuilder
{
    void Convolution(OnnxNode node)
    {
        if (Take(node) is not { } input || Floats(node, 1) is not { } weights)
        {
            return;
        }
        if (!input.Picture || weights.Dimensions is not [> 0, > 0, > 0, > 0] || node.Integer("group", 1) != 1 || weights.Dimensions[1] != input.Shape.Channels)
        {
            Refuse(node, node.Integer("group", 1) != 1 ? $"in {node.Integer("group", 1)} groups" : "that is not one over the channels of a picture");
            return;
        }
        if (WindowOf(node, input.Shape, weights.Dimensions[2..]) is { } window && Linear(node, input, (int)weights.Dimensions[0], window) is { } shape
            && Bias(node, shape.Filters, 1) is { } bias)
        {
            Put(node, new FloatLinear(node.Outputs[0], input.Value, shape, weights.Floats, bias), picture: true);
        }
    }

    void Product(OnnxNode node, bool transposed, float alpha, float beta)
    {
        if (Take(node) is not { } input || Floats(node, 1) is not { } weights)
        {
            return;
        }
        int inputs = input.Shape.Count;
        if (input.Picture || node.Integer("transA", 0) != 0 || weights.Dimensions is not [> 0, > 0] || weights.Dimensions[transposed ? 1 : 0] != inputs
            || !float.IsFinite(alpha) || !float.IsFinite(beta))
        {
            Refuse(node, $"that is not one vector times a matrix ({input.Shape} and {Shown(weights.Dimensions)})");
            return;
        }
        int outputs = (int)weights.Dimensions[transposed ? 0 : 1];
        if (Linear(node, input with { Shape = input.Shape.Flat }, outputs, Window.Point) is { } shape && Bias(node, outputs, beta) is { } bias)
        {
            float[] rows = [.. Enumerable.Range(0, shape.WeightCount).Select(i => alpha * weights.Floats[transposed ? i : (i % inputs * outputs) + (i / inputs)])];
            if (!rows.Concat(bias).All(float.IsFinite))
            {
                Refuse(node, "with a factor that makes its weights infinite");
                return;
            }
            Put(node, new FloatLinear(node.Outputs[0], input.Value, shape, rows, bias), picture: false);
        }
    }

    ConvolutionShape? Linear(OnnxNode node, NamedValue input, int filters, Window window)
    {
        Int128 weights = (Int128)filters * input.Shape.Channels * window.Area;
        TensorShape output = window.Over(input.Shape, filters);
        // With padding, and with the columns between rows that the convolution computes along.
        TensorShape padded = new(input.Shape.Channels, input.Shape.Height + window.Top + window.Bottom, input.Shape.Width + window.Left + window.Right);
        TensorShape computed = output with { Width = output.Width + ((window.Width - 1) / window.StrideX) };
        if (weights <= MaxWeights - _weights && Fits(padded) && Fits(output) && Fits(computed))
        {
            // Before anything is copied.
            _weights += (long)weights;
            return new ConvolutionShape(input.Shape, filters, window);
        }
        Refuse(node, "that is too large");
        return null;
    }

    static bool Fits(TensorShape shape) => (Int128)shape.Channels * shape.Height * shape.Width <= MaxElements;

    /// <summary>The third input of Conv and Gemm, when there is one: one number for each filter, or one for all.</summary>
    float[]? Bias(OnnxNode node, int filters, float factor)
    {
        if (node.Input(2) is null)
        {
            return new float[filters];
        }
        if (Floats(node, 2) is not { } bias)
        {
            return null;
        }
        if (bias.Floats.Length != 1 && (bias.Floats.Length != filters || bias.Dimensions[^1] != filters))
        {
            Refuse(node, "with a bias that is not one number for each output");
            return null;
        }
        return [.. Enumerable.Range(0, filters).Select(i => factor * bias.Floats[bias.Floats.Length == 1 ? 0 : i])];
    }

    /// <summary>y = γ (x − μ) / √(σ² + ε) + β, into the weights and the bias before it.</summary>
    void Normalization(OnnxNode node)
    {
        if (Take(node) is not { } input)
        {
            return;
        }
        OnnxTensor?[] parts = [.. Enumerable.Range(1, 4).Select(i => Floats(node, i))];
        if (parts.Contains(null))
        {
            return;
        }
        if (Sole<FloatLinear>(node, 0, input) is not { } linear || parts.Any(part => part!.Floats.Length != linear.Shape.Filters))
        {
            Refuse(node, "that does not follow a linear layer of its own");
            return;
        }
        float epsilon = node.Float("epsilon", 1e-5f);
        int fanIn = linear.Shape.FanIn;
        double[] scale = [.. Enumerable.Range(0, linear.Shape.Filters).Select(m => parts[0]!.Floats[m] / Math.Sqrt((double)parts[3]!.Floats[m] + epsilon))];
        float[] weights = [.. linear.Weights.Select((weight, i) => (float)(weight * scale[i / fanIn]))];
        float[] bias = [.. linear.Bias.Select((value, m) => (float)(((value - parts[2]!.Floats[m]) * scale[m]) + parts[1]!.Floats[m]))];
        if (!weights.Concat(bias).All(float.IsFinite))
        {
            Refuse(node, "with a variance that is none");
            return;
        }
        Replace(node, input, linear with { Name = node.Outputs[0], Weights = weights, Bias = bias });
    }

    void Clip(OnnxNode node)
    {
        float? low = Bound(node, 1, "min", float.NegativeInfinity), high = Bound(node, 2, "max", float.PositiveInfinity);
        if (low is 0 && high is > 0)
        {
            Activation(node, high.Value);
        }
        else
        {
            Refuse(node, "that is not from 0 to a constant");
        }
    }

    /// <summary>An attribute up to opset 10, an input from 11 on; null for what is neither.</summary>
    float? Bound(OnnxNode node, int input, string attribute, float otherwise)
    {
        if (node.Input(input) is not { } name)
        {
            return node.Float(attribute, otherwise);
        }
        return _constants.TryGetValue(name, out OnnxTensor? tensor) && tensor.Floats.Length == 1 ? tensor.Floats[0] : null;
    }

    /// <summary>ReLU, capped or not. After a max pooling of its own it becomes one layer with it: both are monotone, and so commute.</summary>
    void Activation(OnnxNode node, float cap)
    {
        if (Take(node) is not { } input)
        {
            return;
        }
        if (Sole<FloatActivation>(node, 0, input) is { } before && (!before.Rectifies || before.Cap >= cap))
        {
            Replace(node, input, before with { Name = node.Outputs[0], Rectifies = true, Cap = Math.Min(before.Cap, cap) });
            return;
        }
        Put(node, new FloatActivation(node.Outputs[0], input.Value, input.Shape, null, Rectifies: true, cap), input.Picture);
    }

    void MaxPool(OnnxNode node)
    {
        if (PoolOf(node, global: false) is not ({ } input, { } window))
        {
            return;
        }
        if (Sole<FloatActivation>(node, 0, input) is { Pool: null } before)
        {
            // Anew, since the shape of the output changes with the window.
            Replace(node, input, new FloatActivation(node.Outputs[0], before.Input, before.From, window, before.Rectifies, before.Cap));
            return;
        }
        Put(node, new FloatActivation(node.Outputs[0], input.Value, input.Shape, window, Rectifies: false, float.PositiveInfinity), picture: true);
    }

    void AveragePool(OnnxNode node, bool global)
    {
        if (PoolOf(node, global) is not ({ } input, { } window))
        {
            return;
        }
        if ((window.Top | window.Left | window.Bottom | window.Right) != 0 && node.Integer("count_include_pad", 0) == 0)
        {
            Refuse(node, "with padding that does not count");
            return;
        }
        Put(node, new FloatAveragePool(node.Outputs[0], input.Value, input.Shape, window), picture: true);
    }

    void Add(OnnxNode node)
    {
        string? first = node.Input(0), second = node.Input(1);
        if (first is not null && second is not null && (_constants.ContainsKey(first) || _constants.ContainsKey(second)))
        {
            if (AddsToPolynomial(node))
            {
                return;
            }
            AddConstant(node, _constants.ContainsKey(first) ? 1 : 0);
            return;
        }
        if (AddsToPolynomial(node))
        {
            return;
        }
        if (Take(node, 0) is not { } left || Take(node, 1) is not { } right)
        {
            return;
        }
        if (left.Shape != right.Shape || left.Picture != right.Picture)
        {
            Refuse(node, "of two shapes");
            return;
        }
        Put(node, new FloatAdd(node.Outputs[0], left.Value, right.Value, left.Shape), left.Picture);
    }

    /// <summary>A bias, into the layer before it.</summary>
    void AddConstant(OnnxNode node, int activation)
    {
        if (Take(node, activation) is not { } input || Floats(node, 1 - activation) is not { } constant)
        {
            return;
        }
        FloatLinear? linear = Sole<FloatLinear>(node, activation, input);
        int filters = linear?.Shape.Filters ?? 0;
        // [C, 1, 1] for a picture, [n] for a vector, or a scalar.
        bool perFilter = constant.Floats.Length == filters
            && (input.Picture
                ? constant.Dimensions is [.., _, 1, 1] && constant.Dimensions[^3] == filters
                : constant.Dimensions is [.., _] && constant.Dimensions[^1] == filters);
        if (linear is null || !(perFilter || constant.Floats.Length == 1))
        {
            Refuse(node, "of a constant that is no bias of the layer before");
            return;
        }
        float[] sums = [.. linear.Bias.Select((bias, m) => bias + constant.Floats[perFilter ? m : 0])];
        if (!sums.All(float.IsFinite))
        {
            Refuse(node, "with which a bias is infinite");
            return;
        }
        Replace(node, input, linear with { Name = node.Outputs[0], Bias = sums });
    }

    void Flatten(OnnxNode node)
    {
        if (Take(node) is { } input)
        {
            if (node.Integer("axis", 1) is 1 || (node.Integer("axis", 1) == -3 && input.Picture))
            {
                Rename(node, input with { Shape = input.Shape.Flat, Picture = false });
            }
            else
            {
                Refuse(node, "of another axis than the first");
            }
        }
    }

    void Reshape(OnnxNode node)
    {
        if (Take(node) is not { } input)
        {
            return;
        }
        long[] shape = node.Input(1) is { } name && _constants.TryGetValue(name, out OnnxTensor? tensor) ? tensor.Integers : node.Integers("shape");
        // The batch is one; −1 is what is left, 0 what was there, which can only be meant of the batch.
        bool picture = shape.Length == 4;
        bool sized = shape is [-1 or 0 or 1, > 0 and <= MaxElements]
            or [-1 or 0 or 1, > 0 and <= MaxElements, > 0 and <= MaxElements, > 0 and <= MaxElements];
        // Three sizes of 2^24 do not fit into 64 bits.
        if (sized && shape.Skip(1).Aggregate((Int128)1, (product, size) => product * size) == input.Shape.Count)
        {
            Rename(node, input with { Shape = picture ? new TensorShape((int)shape[1], (int)shape[2], (int)shape[3]) : input.Shape.Flat, Picture = picture });
        }
        else if (shape is [0 or 1, -1])
        {
            Rename(node, input with { Shape = input.Shape.Flat, Picture = false });
        }
        else
        {
            Refuse(node, $"to {Shown(shape)}");
        }
    }

    void Same(OnnxNode node)
    {
        if (node.Input(0) is { } name && _constants.TryGetValue(name, out OnnxTensor? tensor))
        {
            _constants.TryAdd(node.Outputs[0], tensor);
        }
        else if (Take(node) is { } input)
        {
            Rename(node, input);
        }
    }

    void Rename(OnnxNode node, NamedValue value) => _values[node.Outputs[0]] = value with { Uses = Math.Max(value.Uses, _uses[node.Inputs[0]]) };

    void Constant(OnnxNode node)
    {
        OnnxTensor? tensor = node.Attributes.TryGetValue("value", out OnnxAttribute? value) ? value.Tensor
            : node.Attributes.TryGetValue("value_float", out value) ? new OnnxTensor("", [], [value.Float], [], Other: false)
            : node.Attributes.TryGetValue("value_ints", out value) ? new OnnxTensor("", [value.Integers.Length], [], value.Integers, Other: false)
            : null;
        if (tensor is null || !_constants.TryAdd(node.Outputs[0], tensor))
        {
            Refuse(node, "of another kind than a tensor");
        }
    }

    (NamedValue Input, Window Window)? PoolOf(OnnxNode node, bool global)
    {
        if (Take(node) is not { } input)
        {
            return null;
        }
        if (!input.Picture)
        {
            Refuse(node, "of something that is no picture");
            return null;
        }
        if (global)
        {
            if (input.Shape is { Height: < 1 << 12, Width: < 1 << 12 })
            {
                return (input, new Window(input.Shape.Height, input.Shape.Width));
            }
            Refuse(node, "that is too large");
            return null;
        }
        // A window of nothing but padding has no greatest element.
        if (WindowOf(node, input.Shape, node.Integers("kernel_shape")) is { } window)
        {
            if (!Fits(window.Over(input.Shape, input.Shape.Channels)))
            {
                Refuse(node, "that is too large");
                return null;
            }
            if (window.Top < window.Height && window.Bottom < window.Height && window.Left < window.Width && window.Right < window.Width)
            {
                return (input, window);
            }
            Refuse(node, "with more padding than window");
        }
        return null;
    }

    /// <summary>Kernel, strides, padding; no dilation. Null, and a problem, when they do not go together.</summary>
    Window? WindowOf(OnnxNode node, TensorShape input, long[] kernel)
    {
        if (OnnxWindow.Of(node, input, kernel) is { } window)
        {
            return window;
        }
        Refuse(node, "with a window that is dilated, rounded up, or does not fit");
        return null;
    }
}
