namespace Funion.Models.Inputs;

/// <summary>A grey picture, 0 to 1, row by row.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Values">Width · height values.</param>
public sealed record GreyPicture(int Width, int Height, float[] Values)
{
    /// <summary>The same picture in another size; every new pixel is the mean of the area it covers.</summary>
    public GreyPicture Resize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (width == Width && height == Height)
        {
            return this;
        }
        float[] values = new float[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                values[(y * width) + x] = Mean(x * (double)Width / width, (x + 1) * (double)Width / width, y * (double)Height / height, (y + 1) * (double)Height / height);
            }
        }
        return new GreyPicture(width, height, values);
    }

    /// <summary>Light on dark: turned over when its border is bright, as ink on paper is.</summary>
    public GreyPicture LightOnDark()
    {
        double sum = 0;
        int count = 0;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                if (x == 0 || y == 0 || x == Width - 1 || y == Height - 1)
                {
                    sum += Values[(y * Width) + x];
                    count++;
                }
            }
        }
        return sum / count > 0.5 ? this with { Values = [.. Values.Select(value => 1 - value)] } : this;
    }

    float Mean(double left, double right, double top, double bottom)
    {
        double sum = 0, area = 0;
        for (int y = (int)top; y < Math.Min(Height, Math.Ceiling(bottom)); y++)
        {
            double high = Math.Min(bottom, y + 1) - Math.Max(top, y);
            for (int x = (int)left; x < Math.Min(Width, Math.Ceiling(right)); x++)
            {
                double part = high * (Math.Min(right, x + 1) - Math.Max(left, x));
                sum += part * Values[(y * Width) + x];
                area += part;
            }
        }
        return (float)(sum / area);
    }
}
